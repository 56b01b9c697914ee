//! How somebody sits at their browser, and what a page has to be there.

use end2end::{App, Script, Visitor, thumbs};
use playwright_rs::Browser;
use playwright_rs::protocol::BrowserContextOptions;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    Desk,
    WithoutScript,
    DarkPhone,
}

impl Look {
    pub async fn arrive(self, browser: &Browser, app: &App) -> anyhow::Result<Visitor> {
        let script = if self == Self::WithoutScript { Script::Off } else { Script::On };
        let options = BrowserContextOptions::builder().base_url(app.url.clone()).locale("en-GB".into());
        let options = match self {
            Self::Desk | Self::WithoutScript => options,
            Self::DarkPhone => options.color_scheme("dark".into()).viewport(Visitor::phone()),
        };
        Visitor::arrive_with(browser, app, script, options).await
    }

    /// The page is as pages have to be: everybody can use it, and on a phone it fits, with what a thumb hits.
    pub async fn at(self, visitor: &Visitor) -> anyhow::Result<()> {
        visitor.check().await?;
        if self == Self::DarkPhone {
            visitor.fits().await?;
            thumbs::are_large(&visitor.page).await?;
            thumbs::fit(&visitor.page).await?;
        }
        Ok(())
    }
}
