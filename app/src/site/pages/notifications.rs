//! What one hears outside of the app: of what, by which ways; and the end of a kind of mails.

use leptos::prelude::*;
use model::{Channel, HeardAs};

use super::text_param;
use crate::paths;
use crate::ports::notifications::{HeardRow, MailWay, NotificationsView};
use crate::site::frame::{NavSection, Page, open};
use crate::site::here::Here;
use crate::site::parts::code::code;
use crate::site::parts::field::{Field, Form, hidden, select, submit};
use crate::site::parts::head::{head, section};

pub fn page() -> AnyView {
    open(|backend, here| async move {
        let view = backend.notifications.get().await?;
        Ok(Page::new("Notifications", NavSection::Aside, notifications(&here, &view)))
    })
}

fn notifications(here: &Here, view: &NotificationsView) -> AnyView {
    let crumbs = vec![(paths::account(), "Your account".into())];
    let lede = "Everything waits for you on the start page. This is what you hear besides, and how.";
    view! {
        {head(here, crumbs, "Notifications", lede)}
        {section("kinds", "What you hear", kinds(here, view))}
        {section("mail", "Mail", mail(here, &view.mail))}
        {section("ntfy", "ntfy", ntfy(here, view))}
        {section("webhook", "Webhook", webhook(here, view))}
    }
    .into_any()
}

const fn name(channel: Channel) -> &'static str {
    match channel {
        Channel::Mail => "Mail",
        Channel::Ntfy => "ntfy",
        Channel::Webhook => "Webhook",
    }
}

fn kinds(here: &Here, view: &NotificationsView) -> AnyView {
    let ways: Vec<Channel> =
        view.rows.first().map(|row| row.by.iter().map(|(channel, _)| *channel).collect()).unwrap_or_default();
    if ways.is_empty() {
        return view! { <p class="soft">"There is no way to reach you yet. Set one up below."</p> }
            .into_any();
    }
    let form = Form::new(here, "notifications/choose");
    let shown = ways.iter().map(|channel| hidden("shown[]", channel)).collect_view();
    let table = |heard_as: HeardAs, caption: &'static str| {
        let heads = ways.iter().map(|channel| view! { <th scope="col">{name(*channel)}</th> }).collect_view();
        let rows = view.rows.iter().filter(|row| row.heard_as == heard_as).map(kind).collect_view();
        view! {
            <div class="scroll" tabindex="0" role="region" aria-label=caption>
                <table class="ticks">
                    <caption>{caption}</caption>
                    <thead><tr><th scope="col">"What"</th>{heads}</tr></thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        }
    };
    form.view(
        "form",
        view! {
            {shown}
            {table(HeardAs::Giver, "Of what you lend")}
            {table(HeardAs::Friend, "Of what you use")}
            <p class="actions">{submit("Save")}</p>
        },
    )
}

fn kind(row: &HeardRow) -> AnyView {
    let cells = row.by.iter().map(|(channel, wanted)| {
        let label = format!("{}: {}", row.words, name(*channel));
        view! {
            <td><input type="checkbox" name="wanted[]" value=row.value(*channel) checked=*wanted aria-label=label /></td>
        }
    });
    view! { <tr><th scope="row">{row.words.clone()}</th>{cells.collect_view()}</tr> }.into_any()
}

/// The two buttons of a way that is set up.
fn tried(here: &Here, channel: Channel, removable: bool) -> AnyView {
    let test = Form::new(here, "notifications/test").view("inline", view! {
        {hidden("channel", channel)}
        <button class="button" type="submit">"Send me a test"<span class="sr">" by "{name(channel)}</span></button>
    });
    let remove = removable.then(|| {
        Form::new(here, "notifications/remove").view("inline", view! {
            {hidden("channel", channel)}
            <button class="button" type="submit">"Take it away"<span class="sr">": "{name(channel)}</span></button>
        })
    });
    view! { <div class="actions">{test}{remove}</div> }.into_any()
}

fn mail(here: &Here, way: &MailWay) -> AnyView {
    match way {
        MailWay::NotHere => {
            view! { <p class="soft">"No mails are sent from here. Whoever runs this Acequia can set a mail server."</p> }.into_any()
        }
        MailWay::NoAddress => {
            view! { <p class="soft">"None of your ways to sign in has a verified mail address."</p> }.into_any()
        }
        MailWay::To(address) => view! {
            <p>"To "<strong>{address.clone()}</strong>", which your sign-in has verified."</p>
            {tried(here, Channel::Mail, false)}
        }
        .into_any(),
    }
}

fn ntfy(here: &Here, view: &NotificationsView) -> AnyView {
    if view.ntfy_servers.is_empty() {
        return view! { <p class="soft">"There is no ntfy server here. Whoever runs this Acequia can name some."</p> }.into_any();
    }
    let form = Form::new(here, "notifications/ntfy");
    let (server, topic) = view.ntfy.clone().unwrap_or_default();
    let servers = view.ntfy_servers.iter().map(|one| (one.clone(), one.clone())).collect();
    let fields = form.view("form compact", view! {
        {select(&form, "server", "Server", &server, servers)}
        {Field::new("topic", "Topic").hint("Whoever knows it reads along: choose one that nobody guesses.").initial(topic).max(64).required().view(&form)}
        <p class="actions">{submit("Save")}</p>
    });
    let tried = view.ntfy.is_some().then(|| tried(here, Channel::Ntfy, true));
    view! { {fields}{tried} }.into_any()
}

fn webhook(here: &Here, view: &NotificationsView) -> AnyView {
    let secret =
        here.once(&["notifications/webhook"]).map(|secret| code("The secret, shown this once", secret));
    let set = view.webhook.clone().map(|host| {
        view! { <p>"Goes to "<strong>{host}</strong>", signed as Standard Webhooks has it."</p> }
    });
    let where_to = if view.webhook_hosts.is_empty() {
        "A public address that begins with https://.".to_owned()
    } else {
        format!("One of these hosts: {}.", view.webhook_hosts.join(", "))
    };
    let form = Form::new(here, "notifications/webhook");
    let label = if view.webhook.is_some() { "Another address" } else { "Address" };
    let fields = form.view(
        "form compact",
        view! {
            {Field::new("url", label).kind("url").hint(where_to).max(1000).required().view(&form)}
            <p class="actions">{submit("Save and make a secret")}</p>
        },
    );
    let tried = view.webhook.is_some().then(|| tried(here, Channel::Webhook, true));
    view! { {secret}{set}{tried}{fields} }.into_any()
}

/// Where a link of a mail leads: it changes nothing by itself.
pub fn unsubscribe() -> AnyView {
    let token = text_param("token");
    open(|backend, here| async move {
        let what = backend.notifications.stoppable(token.clone()).await?;
        let form = Form::new(&here, "notifications/stop").view(
            "actions",
            view! {
                {hidden("stop", token)}
                {submit("Send no more of these")}
            },
        );
        let body = view! {
            {head(&here, vec![], "No more mails of this kind?", what)}
            {form}
            <p class="soft">"Everything else stays as it is. What you hear can be chosen in your account."</p>
        };
        Ok(Page::new("No more mails of this kind?", NavSection::Aside, body.into_any()))
    })
}
