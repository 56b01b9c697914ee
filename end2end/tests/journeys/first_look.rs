use end2end::{App, Script, Visitor, journey};

#[test]
fn home_can_be_read_with_and_without_script() -> anyhow::Result<()> {
    journey(|browser| async move {
        let app = App::demo([] as [&str; 0]).await?;
        for script in [Script::On, Script::Off] {
            let visitor = Visitor::arrive(&browser, &app, script).await?;
            visitor.open("/").await?;
            visitor.check().await?;
            visitor.leave().await?;
        }
        Ok(())
    })
}
