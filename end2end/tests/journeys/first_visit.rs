use std::io::Write;

use end2end::{App, Script, Visitor, journey, wire};

const KILOBYTE: u64 = 1024;

#[test]
fn a_first_visit_is_light() -> anyhow::Result<()> {
    journey(|browser| async move {
        let app = App::demo([] as [&str; 0]).await?;
        let visitor = Visitor::arrive(&browser, &app, Script::Off).await?;
        visitor.sign_in_as_seeded(0).await?;
        let cookies = visitor.cookies().await?;
        visitor.leave().await?;
        for (path, cookies) in [("/", None), ("/", Some(cookies.clone())), ("/directory", Some(cookies))] {
            for (script, most) in [(Script::Off, 60 * KILOBYTE), (Script::On, 200 * KILOBYTE)] {
                let who = if cookies.is_some() { "signed in" } else { "stranger" };
                let visit = wire::measure(&browser, &app, script, cookies.clone(), path).await?;
                let total = visit.total();
                writeln!(
                    std::io::stderr(),
                    "first visit to {path}, {who}, script {script:?}: {total} bytes"
                )?;
                anyhow::ensure!(total > 0 && total <= most, "{path}, {who}, script {script:?}: {visit:#?}");
            }
        }
        Ok(())
    })
}
