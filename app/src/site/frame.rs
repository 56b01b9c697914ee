//! The frame of every page: header, messages, footer; and what is shown when a page cannot be.

use std::future::Future;

use leptos::prelude::*;
use leptos_meta::Title;
use model::text::sentence;

use super::here::Here;
use super::parts::gate;
use super::parts::icon::{self, icon};
use crate::fault::Fault;
use crate::islands::Theme;
use crate::ports::Backend;
use crate::ports::accounts::Me;
use crate::{paths, request};

/// Where in the site a page stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NavSection {
    Home,
    Directory,
    Shares,
    Tailnets,
    Audit,
    /// For the owners of the instance.
    People,
    /// None of those in the navigation.
    Aside,
}

/// A page, ready to be framed.
pub struct Page {
    /// Names the object.
    pub title: String,
    pub section: NavSection,
    pub body: AnyView,
}

impl Page {
    pub fn new(title: impl Into<String>, section: NavSection, body: AnyView) -> Self {
        Self { title: title.into(), section, body }
    }
}

/// Asks, waits and frames. A fault becomes a page with its own status; nobody signed in becomes the way to sign in.
pub fn open<F, Fut>(make: F) -> AnyView
where
    F: FnOnce(Backend, Here) -> Fut + Send + 'static,
    Fut: Future<Output = Result<Page, Fault>> + Send + 'static,
{
    let (backend, path, theme) = (request::backend(), request::path(), request::theme());
    let is_read = request::is_read();
    let work = async move {
        let here = match Here::arrive(&backend, path.clone(), theme, is_read).await {
            Ok(here) => here,
            Err(fault) => return framed(&Here::alone(&backend, path, theme), broken(&fault)),
        };
        match make(backend, here.clone()).await {
            Ok(page) => framed(&here, page),
            Err(Fault::SignedOut) => {
                request::redirect(&paths::sign_in_to(&here.path));
                framed(&here, broken(&Fault::SignedOut))
            }
            Err(fault) => framed(&here, broken_for(&here, &fault)),
        }
    };
    view! { <Suspense>{Suspend::new(work)}</Suspense> }.into_any()
}

/// No route.
pub fn nothing_here() -> AnyView {
    open(|_, _| async { Err(Fault::NotFound) })
}

fn broken(fault: &Fault) -> Page {
    if *fault != Fault::SignedOut {
        request::set_status(fault.status());
    }
    let (title, hint) = match fault {
        Fault::NotFound => (
            "Nothing here",
            "The link may be old or mistyped. Or the page exists and is not shown to you: Acequia does not tell the two apart.",
        ),
        Fault::Forbidden => ("Not yours to do", "Ask the owner, or go back."),
        Fault::SignedOut => ("Please sign in", "Then you come back to this page."),
        Fault::Conflict(_) => ("It changed meanwhile", "Go back and look at it afresh."),
        Fault::Unavailable(_) => ("No answer", "Try again in a moment."),
        Fault::Invalid(_) => ("That was not understood", "Go back and check the address or the form."),
        Fault::Damaged { .. } => (
            "This cannot be read",
            "Nothing that you did. Please tell whoever runs this place: they can mend the row that the log names, or bring a backup back.",
        ),
        Fault::Internal { .. } => {
            ("Something broke on our side", "Nothing that you did. Please tell whoever runs this place.")
        }
    };
    let body = view! {
        <div class="lost">
            {icon::dry_gate()}
            <h1>{title}</h1>
            <p class="lede">{sentence(&fault.to_string())}</p>
            <p>{hint}</p>
        </div>
    };
    Page::new(title, NavSection::Aside, body.into_any())
}

fn broken_for(here: &Here, fault: &Fault) -> Page {
    let Page { title, section, body } = broken(fault);
    let home = here.to(&paths::home());
    let again = matches!(fault, Fault::Unavailable(_) | Fault::Conflict(_)).then(|| {
        let path = here.to(&here.path);
        view! { <a class="button" href=path>"Try again"</a> }
    });
    let body = view! {
        {body}
        <p class="actions lost-actions">{again}<a class="button" href=home>"Go home"</a></p>
    };
    Page { title, section, body: body.into_any() }
}

fn framed(here: &Here, page: Page) -> AnyView {
    // Leptos 0.8 writes a title as it is given (`ServerMetaContextOutput::inject_meta_context`). Nothing upstream changes
    // that yet; when it does, `what_was_typed_comes_back_to_the_byte` fails and this escape goes.
    let title = html_escape::encode_text(&format!("{} · Acequia", page.title)).into_owned();
    view! {
        <Title text=title />
        <a class="skip" href="#main">"Skip to the content"</a>
        {here.place.demo.then(|| demo_banner(here))}
        {gate::drawings()}
        {header(here, page.section)}
        <main id="main" tabindex="-1">
            {messages(here)}
            {page.body}
        </main>
        // What a page that follows something turned to, for those who do not see it. Only script writes here.
        <div id="said" class="sr" role="status"></div>
        {footer(here)}
    }
    .into_any()
}

fn demo_banner(here: &Here) -> AnyView {
    let change = here.to(&paths::sign_in());
    view! {
        <aside class="demo" aria-label="Demo">
            <p>
                <strong>"Demo."</strong>
                " Seeded people, simulated networks; nothing here is real. "
                <a href=change>"Be somebody else"</a>
            </p>
        </aside>
    }
    .into_any()
}

fn header(here: &Here, section: NavSection) -> AnyView {
    let home = here.to(&paths::home());
    let who = if let Some(me) = &here.me {
        let (account, out, name) = (here.to(&paths::account()), here.to(&paths::sign_out()), me.name.clone());
        view! {
            <a class="who-am-i" href=account title="Your account">
                <span class="avatar" aria-hidden="true">{initial(&me.name)}</span>
                <span class="name">{name}</span>
            </a>
            <form method="post" action=out>
                <button class="quiet" type="submit">"Sign out"</button>
            </form>
        }
        .into_any()
    } else {
        let href = here.to(&paths::sign_in());
        view! { <a class="button small" href=href>"Sign in"</a> }.into_any()
    };
    view! {
        <header class="top">
            <a class="wordmark" href=home>{icon::wordmark()}<span>"Acequia"</span></a>
            {here.me.as_ref().map(|me| navigation(here, section, me))}
            <div class="self">{theme_switch(here)}{who}</div>
        </header>
    }
    .into_any()
}

fn initial(name: &str) -> String {
    name.chars().next().map_or_else(|| "?".into(), |c| c.to_uppercase().collect())
}

fn navigation(here: &Here, section: NavSection, me: &Me) -> AnyView {
    let inbox = me.inbox;
    let mut entries = vec![
        (NavSection::Home, "Home", paths::home(), icon::HOME),
        (NavSection::Directory, "Directory", paths::directory(), icon::BOARD),
        (NavSection::Shares, "Shares", paths::shares(), icon::GATE),
        (NavSection::Tailnets, "Tailnets", paths::tailnets(), icon::NODES),
        (NavSection::Audit, "Audit", paths::audit(), icon::BOOK),
    ];
    if me.instance_owner {
        entries.push((NavSection::People, "People", paths::people(), icon::PEOPLE));
    }
    let links = entries.into_iter().map(|(at, word, path, drawing)| {
        let current = (at == section).then_some("page");
        let count = (at == NavSection::Home && inbox.count > 0).then(|| {
            view! { <span class="count">{inbox.to_string()}<span class="sr">" waiting"</span></span> }
        });
        view! {
            <li><a href=here.to(&path) aria-current=current>{icon(drawing)}<span>{word}</span>{count}</a></li>
        }
    });
    view! { <nav aria-label="Main"><ul>{links.collect_view()}</ul></nav> }.into_any()
}

fn theme_switch(here: &Here) -> AnyView {
    // What a press does: from the system's choice to dark, to light, and back.
    let next = match here.theme {
        None => "dark",
        Some("dark") => "light",
        Some(_) => "system",
    };
    view! {
        <form class="theme" method="post" action=here.post("theme")>
            <input type="hidden" name="back" value=here.path.clone() />
            <Theme next=next.to_owned() path=format!("{}/", here.place.base_path()) />
        </form>
    }
    .into_any()
}

fn messages(here: &Here) -> AnyView {
    let message = &here.message;
    let done = message
        .done
        .clone()
        .map(|text| view! { <p class="flash done">{icon(icon::CHECK)}<span>{text}</span></p> });
    let unreadable = here.path.contains("__err=").then(|| {
        view! { <p class="flash fault">{icon(icon::WARN)}<span>"The form could not be read; nothing was changed. Please fill it in again."</span></p> }
    });
    let fault = message.fault.as_ref().map(|fault| {
        let text = sentence(&fault.to_string());
        view! { <p class="flash fault" tabindex="-1" autofocus>{icon(icon::WARN)}<span>{text}</span></p> }
    });
    view! {
        <div class="messages" role="status">{done}</div>
        <div class="messages" role="alert">{fault}{unreadable}</div>
    }
    .into_any()
}

/// In which zone the times of this page are, with the way to another one.
fn zone(here: &Here) -> AnyView {
    let offset = here.zone.local(here.now()).offset;
    let name = here.zone.name();
    let name = if name == offset { offset } else { format!("{name} ({offset})") };
    let change = here.me.as_ref().map(|_| {
        let href = here.to(&format!("{}#zone", paths::account()));
        view! { " "<a href=href>"Change"<span class="sr">" the time zone"</span></a> }
    });
    view! { <p>{format!("Times are in {name}.")}{change}</p> }.into_any()
}

fn footer(here: &Here) -> AnyView {
    let help = here.to(&paths::help());
    view! {
        <footer class="bottom"><p>"Acequia: a ditch, and neighbours who share its water by turns."</p>{zone(here)}<p><a href=help>"Help"</a></p></footer>
    }
    .into_any()
}
