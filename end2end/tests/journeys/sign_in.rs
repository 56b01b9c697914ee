use end2end::{Script, Stage, Visitor, journey};
use simulator::World;

#[test]
fn the_first_person_comes_in_with_the_set_up_code_and_goes_out_again() -> anyhow::Result<()> {
    journey(|browser| async move {
        for script in [Script::On, Script::Off] {
            let stage = Stage::set(World::demo()).await?;
            let owner = stage.owner(&browser, script, "ana@arroyo.example").await?;
            owner.open("/account").await?;
            owner.sees("ana").await?;
            owner.check().await?;
            owner.press("Sign out").await?;
            owner.arrives("/$").await?;
            owner.open("/account").await?;
            owner.arrives("/sign-in").await?;
            owner.leave().await?;
        }
        Ok(())
    })
}

#[test]
fn a_stranger_without_an_offer_does_not_come_in() -> anyhow::Result<()> {
    journey(|browser| async move {
        let stage = Stage::set(World::demo()).await?;
        stage.owner(&browser, Script::Off, "ana@arroyo.example").await?.leave().await?;
        let stranger = Visitor::arrive(&browser, &stage.app, Script::Off).await?;
        stranger.open("/sign-in").await?;
        stage.sign_in(&stranger, "mallory@elsewhere.example").await?;
        stranger.open("/account").await?;
        stranger.arrives("/sign-in").await?;
        stranger.leave().await
    })
}
