//! The instance, for whoever owns it: what is set, where that comes from, and what runs.

use leptos::prelude::*;

use crate::ports::settings::{Setting, SettingFrom, SettingsGroup, SettingsView};
use crate::site::frame::{NavSection, Page, open};
use crate::site::here::Here;
use crate::site::parts::field::{Form, submit};
use crate::site::parts::head::{head, section};

pub fn page() -> AnyView {
    open(|backend, here| async move {
        let view = backend.settings.get().await?;
        Ok(Page::new("Settings", NavSection::Aside, settings(&here, &view)))
    })
}

fn settings(here: &Here, view: &SettingsView) -> AnyView {
    let lede = "What holds here. It is set in the configuration file and in the environment, and changes with the next start.";
    let runs = view.runs.iter().map(|(what, how)| {
        view! { <div><dt>{what.clone()}</dt><dd>{how.clone()}</dd></div> }
    });
    let mail = match &view.mail_to {
        Some(address) => {
            let form = Form::new(here, "settings/test-mail").view("actions", submit("Send me a test"));
            view! { <p>"A mail to "<strong>{address.clone()}</strong>"."</p>{form} }.into_any()
        }
        None => view! { <p class="soft">"There is no mail server, or no verified address of yours."</p> }
            .into_any(),
    };
    let groups = view.groups.iter().map(group).collect_view();
    view! {
        {head(here, vec![], "Settings", lede)}
        {section("runs", "What runs", view! {
            <dl class="facts">
                <div><dt>"Version"</dt><dd>{view.version.clone()}</dd></div>
                <div><dt>"Database"</dt><dd>{view.database.clone()}</dd></div>
                {runs.collect_view()}
            </dl>
        })}
        {section("mail", "Try the mail server", mail)}
        {section("values", "What is set", groups)}
    }
    .into_any()
}

fn group(group: &SettingsGroup) -> AnyView {
    let rows = group.settings.iter().map(row).collect_view();
    view! {
        <table class="cards settings">
            <caption>{group.title.clone()}</caption>
            <thead><tr><th scope="col">"Setting"</th><th scope="col">"Value"</th><th scope="col">"From"</th></tr></thead>
            <tbody>{rows}</tbody>
        </table>
    }
    .into_any()
}

fn row(one: &Setting) -> AnyView {
    let from = match &one.from {
        SettingFrom::Nobody => "nobody set it".into_any(),
        SettingFrom::File => "the file".into_any(),
        SettingFrom::Variable(name) => view! { <code>{name.clone()}</code> }.into_any(),
        SettingFrom::Start => "how it was started".into_any(),
    };
    view! {
        <tr><th scope="row"><code>{one.name.clone()}</code></th><td data-label="Value">{one.value.clone()}</td><td class="soft" data-label="From">{from}</td></tr>
    }
    .into_any()
}
