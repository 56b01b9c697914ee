//! A rule is widened behind its back: the friend's reach grows, the share's page, home and the findings say so, and a fix
//! makes it as agreed.

use end2end::{Script, Stage, Visitor, journey};
use playwright_rs::Browser;
use simulator::World;

use crate::steps;

const FRIEND: &str = "dario@nopal.example";
/// The sources of the rule that was narrowed before the share.
const INSIDE: &str = r#"["autogroup:member", "autogroup:tagged"]"#;
const TOLD: &str = "More than was agreed";

#[test]
fn a_rule_that_is_widened_is_told_and_fixed() -> anyhow::Result<()> {
    journey(|browser| async move { tell(&browser, Script::On).await })
}

#[test]
fn a_rule_that_is_widened_is_told_and_fixed_without_script() -> anyhow::Result<()> {
    journey(|browser| async move { tell(&browser, Script::Off).await })
}

async fn tell(browser: &Browser, script: Script) -> anyhow::Result<()> {
    let stage = Stage::set(World::demo()).await?;
    let ana = stage.owner(browser, script, "ana@arroyo.example").await?;
    stage.connect(&ana, "ana").await?;
    let tailnet = ana.path();
    let link = steps::offer_minecraft(&ana, "maple", "").await?;
    let dario = Visitor::arrive(browser, &stage.app, script).await?;
    let share = steps::accept(&stage, &dario, &link, FRIEND).await?;
    steps::review(&ana, &share, FRIEND).await?;
    ana.watches_state("waiting for the friend").await?;
    stage.simulator.accept("dario", FRIEND, &stage.simulator.tailnet("ana")?.invites[0].url)?;
    ana.watches_state("open").await?;
    says_nothing(&ana, &tailnet, &share).await?;

    let agreed = stage.simulator.policy("ana")?;
    let wider = agreed.replacen(INSIDE, &INSIDE.replace(']', &format!(", \"{FRIEND}\"]")), 1);
    anyhow::ensure!(wider != agreed, "{agreed}");
    stage.simulator.edit_policy("ana", &wider)?;
    ana.open(&share).await?;
    ana.watches(TOLD).await?;
    ana.sees("every other port").await?;
    ana.watches_state("open").await?;
    ana.check().await?;
    let reach = format!("{tailnet}/reach");
    ana.open(&reach).await?;
    ana.sees(&format!("{FRIEND} reaches more of maple than was agreed")).await?;
    ana.sees("Accept it as it is").await?;
    ana.check().await?;
    ana.open("/").await?;
    ana.sees("reaches more than was agreed").await?;
    ana.check().await?;
    ana.page.locator(".inbox a[href$='#more']").click(None).await?;
    ana.arrives(&share).await?;

    ana.follow("See the fix …").await?;
    ana.sees("Who loses reach").await?;
    ana.check().await?;
    ana.press("Write it").await?;
    ana.arrives("/tailnets/[^/]+/policy/edits/").await?;
    ana.watches("Take it back").await?;
    anyhow::ensure!(stage.simulator.policy("ana")? == agreed, "it is as agreed");
    says_nothing(&ana, &tailnet, &share).await?;
    ana.watches_state("open").await?;
    dario.open(&share).await?;
    dario.sees("What you reach there").await?;
    dario.sees("tcp 25565").await?;
    anyhow::ensure!(
        !dario.text().await?.contains("every other port"),
        "the friend is back to what was agreed"
    );
    ana.leave().await?;
    dario.leave().await
}

/// Neither home nor the findings nor the page of the share.
async fn says_nothing(ana: &Visitor, tailnet: &str, share: &str) -> anyhow::Result<()> {
    let reach = format!("{tailnet}/reach");
    for path in ["/", reach.as_str(), share] {
        ana.open(path).await?;
        let text = ana.text().await?;
        let more = [TOLD, "more than was agreed", "more of maple than was agreed"];
        anyhow::ensure!(!more.iter().any(|words| text.contains(words)), "{path}: {text}");
    }
    Ok(())
}
