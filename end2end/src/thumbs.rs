//! What a person with large fingers, or a page at four times its size, needs of a page.

use anyhow::bail;
use playwright_rs::Page;
use playwright_rs::protocol::Viewport;

/// 1,280 pixels at 400 % (WCAG 1.4.10).
const NARROW: u32 = 320;

/// Everything that can be pressed and is too small. Links in the middle of a sentence are as tall as its line (the exception
/// of WCAG 2.5.8); what has a label is pressed there too.
const SMALL: &str = r#"() => {
    const least = 43.5, small = [];
    for (const one of document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary")) {
        const boxes = [one, ...(one.labels ?? [])].map((each) => each.getBoundingClientRect());
        if (boxes[0].width === 0 || getComputedStyle(one).visibility === "hidden" || one.closest(".sr, .skip, svg")) continue;
        const around = one.closest("p, li, td, dd, figcaption, blockquote")?.textContent.replace(/\s+/g, " ").trim() ?? "";
        const own = one.textContent.trim();
        if (one.matches("a") && around.length > own.length + 12 && /[.:,;]( |$)/.test(around)) continue;
        const [width, height] = ["width", "height"].map((side) => Math.max(...boxes.map((box) => box[side])));
        if (width < least || height < least)
            small.push(`${one.localName} “${own.slice(0, 40) || one.name}” ${Math.round(width)} × ${Math.round(height)}`);
    }
    return small;
}"#;

/// Nothing to press is smaller than 44 pixels.
///
/// # Errors
/// When something is: what, and how large.
pub async fn are_large(page: &Page) -> anyhow::Result<()> {
    let small: Vec<String> = page.evaluate(SMALL, None::<&()>).await?;
    if !small.is_empty() {
        bail!("`{}` has what a thumb does not hit:\n    {}", page.url(), small.join("\n    "));
    }
    Ok(())
}

/// The page is no wider than its window, be that 320 pixels.
///
/// # Errors
/// When it is, and by how much.
pub async fn fit(page: &Page) -> anyhow::Result<()> {
    let before = page.viewport_size();
    let height = before.as_ref().map_or(844, |size| size.height);
    page.set_viewport_size(Viewport { width: NARROW, height }).await?;
    let over = over(page).await?;
    if let Some(before) = before {
        page.set_viewport_size(before).await?;
    }
    anyhow::ensure!(over <= 0, "`{}` is {over} pixels wider than {NARROW}", page.url());
    Ok(())
}

/// How many pixels the page is wider than its window.
///
/// # Errors
/// When the browser does not say.
pub async fn over(page: &Page) -> anyhow::Result<i64> {
    let over = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth";
    Ok(page.evaluate(over, None::<&()>).await?)
}
