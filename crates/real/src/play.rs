//! The life of one share, with what has to be true at each moment.

use std::path::Path;
use std::time::Instant;

use crate::app::App;
use crate::claims::Claims;
use crate::person::Person;
use crate::provider::Provider;
use crate::server::{Mode, Server};

/// What packets say, where there are machines.
pub trait Packets {
    /// Nothing is shared yet.
    fn before(&mut self, claims: &mut Claims);
    /// What opens it was done at that moment.
    ///
    /// # Errors
    /// When it cannot be told.
    fn opened(&mut self, since: Instant, claims: &mut Claims) -> anyhow::Result<()>;
    /// What ends it was done at that moment.
    ///
    /// # Errors
    /// When it cannot be told.
    fn ended(&mut self, since: Instant, claims: &mut Claims) -> anyhow::Result<()>;
}

/// Where there are no machines.
#[derive(Clone, Copy, Debug)]
pub struct Unseen;

impl Packets for Unseen {
    fn before(&mut self, _: &mut Claims) {}

    fn opened(&mut self, _: Instant, _: &mut Claims) -> anyhow::Result<()> {
        Ok(())
    }

    fn ended(&mut self, _: Instant, _: &mut Claims) -> anyhow::Result<()> {
        Ok(())
    }
}

/// Connect, list, offer, join, review, apply, end; by the app of this binary, on this server. Of the server's people the
/// owner is `ana`, whose machine `dune` is lent, and the friend is `bruno`.
///
/// # Errors
/// When something on the way cannot be done at all; what is done and wrong is a claim.
pub async fn play<S: Server>(
    binary: &Path,
    stage: &mut S,
    packets: impl Fn(&mut S) -> &mut dyn Packets,
    claims: &mut Claims,
) -> anyhow::Result<()> {
    let provider = Provider::start().await?;
    let app = App::start(binary, &provider, stage).await?;
    let before = stage.policy()?;
    let (mut ana, mut bruno) = (Person::arrive(&app, "ana", 11), Person::arrive(&app, "bruno", 12));
    ana.owns(&app).await?;
    let node = ana.connect(stage, "dune").await?;
    let token = ana.offer(&node, "tcp:25565").await?;
    packets(stage).before(claims);
    let share = bruno.accept(&token).await?;
    ana.choose(&share).await?;
    let review = ana.review(&share).await?;
    claims.claim(
        "the review asks for exactly the service",
        review.decisions == ["apply"],
        review.decisions.join(" "),
    );
    claims.claim("nothing is written before the owner says yes", stage.policy()? == before, "");

    let mut began = Instant::now();
    ana.apply(&share, &review).await?;
    let open = match stage.mode() {
        Mode::Database => {
            ana.watch(&share, &["open"]).await?;
            stage.policy()?
        }
        Mode::File => {
            let text = ana.text_by_hand(&share).await?;
            claims.claim("file mode: nothing is written by the app", stage.policy()? == before, "");
            began = Instant::now();
            stage.put_by_hand(&text)?;
            ana.retry(&share).await?;
            ana.reads(&share, "In the file, not proven").await?;
            text
        }
    };
    let mark = format!("acequia:share={share}");
    claims.claim("one rule with the share's mark stands in the policy", open.matches(&mark).count() == 1, "");
    packets(stage).opened(began, claims)?;
    let joins = bruno.reads(&share, &format!("tailscale login --login-server={}", stage.url())).await;
    claims.claim(
        "the friend reads how to join",
        joins.is_ok(),
        joins.err().map(|error| error.to_string()).unwrap_or_default(),
    );

    let mut began = Instant::now();
    ana.end(&share).await?;
    if stage.mode() == Mode::File {
        let text = ana.text_by_hand(&share).await?;
        began = Instant::now();
        stage.put_by_hand(&text)?;
        ana.retry(&share).await?;
    }
    let page = ana.watch(&share, &["ended"]).await?;
    if stage.mode() == Mode::File {
        claims.claim("what a file says is not called proven", page.contains("not proven"), "");
    }
    packets(stage).ended(began, claims)?;
    let after = stage.policy()?;
    claims.claim("the policy has the bytes that it had before", after == before, difference(&before, &after));
    Ok(())
}

fn difference(before: &str, after: &str) -> String {
    if before == after { String::new() } else { format!("{before:?} became {after:?}") }
}
