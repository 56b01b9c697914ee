//! One service: how to join, who is in; the form to list and edit it.

use leptos::prelude::*;
use model::{DeclaredTo, NodeId, ServiceId, ServiceKind};

use super::{after, asks, param, query};
use crate::fault::Fault;
use crate::islands::Copy;
use crate::paths;
use crate::ports::services::{
    AudienceView, CatalogueEntry, OfferAgain, Probe, ServiceCard, ServiceForm, ServiceFormView, ServiceView,
    Standing,
};
use crate::site::frame::{NavSection, Page, open};
use crate::site::here::Here;
use crate::site::parts::choices::{finder, fitting};
use crate::site::parts::field::{Choice, Field, Form, hidden, radios, select, submit};
use crate::site::parts::gate::{gates, large, whose};
use crate::site::parts::head::{danger, head, head_with, primary, secondary, section};
use crate::site::parts::history::history;
use crate::site::parts::icon::{icon, of_kind};
use crate::site::parts::listing::{motd, presence};
use crate::site::parts::more::more;
use crate::site::parts::when::{exactly, when};
use crate::site::parts::{join, ports, qr, until};

use super::circles::people_in;

pub fn page() -> AnyView {
    let (id, after) = (param::<ServiceId>("id"), after("after"));
    open(|backend, here| async move {
        let view = backend.services.get_page(id?, after).await?;
        Ok(Page::new(view.card.name.clone(), NavSection::Directory, service(&here, &view)))
    })
}

fn service(here: &Here, view: &ServiceView) -> AnyView {
    let card = &view.card;
    let id = card.id;
    let owner = card.standing == Standing::Owner;
    let action = owner.then(|| {
        view! {
            {primary(here, &paths::new_offer(Some(id)), "Offer it to a friend")}
            {secondary(here, &paths::edit_service(id), "Edit")}
        }
    });
    let lede = view! {
        <div class="service-line">
            <span class=format!("stamp {}", card.kind.as_str())>{icon(of_kind(card.kind))}</span>
            <span>{format!("{} on {}", card.kind.label(), whose(&card.owner, &card.node))}</span>
            {presence(here, card)}
        </div>
        {(!card.about.is_empty()).then(|| view! { <p class="about prose">{card.about.clone()}</p> })}
    };
    let address = view.join_address.clone().map(|text| {
        let code = qr::code(&text, "The address as a code for a phone");
        section("address", "Address", view! { <div class="address-card"><div><p>"Type this into the game, app or browser:"</p><Copy text /></div>{code}</div> })
    });
    let steps = (!view.join.is_empty()).then(|| section("join", "How to join", join::steps(&view.join)));
    let mine = match &card.standing {
        Standing::Shared(_) => view.gate.as_ref().map(|gate| large(here, gate)),
        Standing::Listed => view.ask.as_ref().map(|ask| asks::own(here, card, ask, view.at_once.as_ref())),
        Standing::Owner => None,
    };
    let title = if owner { "Gates" } else { "Your gate" };
    let who = (owner || !view.gates.is_empty()).then(|| {
        let body = if view.gates.is_empty() {
            view! { <p class="soft">"Nobody has it yet, and nothing is offered."</p> }.into_any()
        } else {
            gates(here, &view.gates.items)
        };
        let next = more(here, "after", "gates", view.gates.next.as_ref(), "More gates");
        section("gates", title, view! { {body}{next} })
    });
    let audience = view
        .audience
        .as_ref()
        .map(|audience| view! { <div><dt>"Shown to"</dt><dd>{shown_to(audience)}</dd></div> });
    let listed = view.declared.then(|| {
        let told =
            format!("{} itself, by its own configuration: there it is changed and taken out", card.node);
        view! { <div><dt>"Listed by"</dt><dd>{told}</dd></div> }
    });
    let node = owner.then(|| {
        let node = here.to(&paths::node(view.tailnet, view.node_id));
        view! { <div><dt>"Node"</dt><dd><a href=node>{card.node.clone()}</a></dd></div> }
    });
    view! {
        {head_with(here, vec![(paths::directory(), "Directory".into())], card.name.clone(), lede, action)}
        {mine}
        {asks::waiting(here, &view.asking)}
        {view.offer.as_ref().map(|again| offer(here, id, again))}
        <dl class="facts">
            <div><dt>"Ports"</dt><dd>{ports::in_words(&card.ports)}</dd></div>
            <div><dt>"Owner"</dt><dd>{card.owner.clone()}</dd></div>
            {answers(here, card)}
            {node}
            {audience}
            {listed}
        </dl>
        {address}
        {steps}
        {who}
        {(owner && !view.declared).then(|| danger(here, &paths::remove_service(id), "Take it off the board"))}
        {history(here, &view.history)}
    }
    .into_any()
}

/// One click for whoever is offered the same as last time.
fn offer(here: &Here, service: ServiceId, again: &OfferAgain) -> AnyView {
    let form = Form::new(here, "offers/create");
    let chosen = again.person.map(|person| person.to_string()).unwrap_or_default();
    let people = again.people.iter().map(|person| (person.id.to_string(), person.name.clone())).collect();
    let people = fitting(people, "", |person| person == chosen);
    let form = form.view(
        "form line",
        view! {
            {hidden("service", service)}
            {hidden("to", "person")}
            {select(&form, "person", "To", &chosen, people)}
            {until::short(here, &form, &again.until, &again.date)}
            {submit("Offer it")}
        },
    );
    section("offer", "Offer it to somebody here", form)
}

/// What the last look from here found, or why there is none.
fn answers(here: &Here, card: &ServiceCard) -> AnyView {
    let words = match &card.probe {
        Probe::NotYet => "not asked yet".into_any(),
        Probe::Impossible => {
            "cannot be asked: it has no TCP port, and UDP does not say whether somebody listens".into_any()
        }
        Probe::LeftAlone => "not asked: it is left alone".into_any(),
        // Why is for those who can change it.
        Probe::Off(_) if card.standing != Standing::Owner => return ().into_any(),
        Probe::Off(why) => view! { "not asked from here: "{why.clone()} }.into_any(),
        Probe::Answered { at, .. } => {
            let motd = motd(card).map(|text| view! { <span class="motd block">{text}</span> });
            view! { "yes, "{when(here, *at)}{motd} }.into_any()
        }
        Probe::Silent { at, since } => {
            view! { "no, not since "{exactly(here, *since)}", last asked "{when(here, *at)} }.into_any()
        }
    };
    view! { <div><dt>"Does it answer?"</dt><dd>{words}</dd></div> }.into_any()
}

fn shown_to(audience: &AudienceView) -> String {
    match audience {
        AudienceView::Nobody => "nobody: it is not listed".into(),
        AudienceView::Everybody => "everybody here".into(),
        AudienceView::People { people, others, circles, of_others } => {
            let circles = circles.iter().map(|name| format!("the circle {name}"));
            let of_others = of_others.iter().map(|name| format!("a circle of {name}"));
            let names = people.iter().map(|person| person.name.clone()).chain(circles).chain(of_others);
            let names = names.collect::<Vec<_>>().join(", ");
            match others {
                0 if names.is_empty() => "nobody yet".into(),
                0 => names,
                1 => format!("{names} and one more"),
                others => format!("{names} and {others} more"),
            }
        }
    }
}

pub fn new() -> AnyView {
    let node: Result<NodeId, Fault> = query("node").parse().map_err(|_| Fault::NotFound);
    let from = Some(query("from")).filter(|from| !from.is_empty());
    let find = query("find");
    open(move |backend, here| async move {
        let view = backend.services.new_form(node?, from).await?;
        let title = format!("List a service of {}", view.node);
        Ok(Page::new(title.clone(), NavSection::Tailnets, form(&here, &view, title, &find)))
    })
}

pub fn edit() -> AnyView {
    let (id, find) = (param::<ServiceId>("id"), query("find"));
    open(move |backend, here| async move {
        let view = backend.services.edit_form(id?).await?;
        let title = format!("Edit {}", view.form.name);
        Ok(Page::new(title.clone(), NavSection::Directory, form(&here, &view, title, &find)))
    })
}

fn form(here: &Here, view: &ServiceFormView, title: String, find: &str) -> AnyView {
    let typed = &view.form;
    let (form, target, words) = match view.service {
        Some(service) => (Form::new(here, "services/update"), hidden("service", service), "Save"),
        None => (Form::new(here, "services/create"), hidden("node", view.node_id), "List it"),
    };
    let kinds = ServiceKind::ALL
        .into_iter()
        .map(|kind| {
            let usual = kind.usual_ports();
            let usual = if usual.is_empty() { String::new() } else { format!(", usually {usual}") };
            (kind.as_str().to_owned(), format!("{}{usual}", kind.label()))
        })
        .collect();
    let people: Vec<_> =
        view.people.iter().map(|person| (person.id.to_string(), person.name.clone())).collect();
    let initial: Vec<String> = typed.people.iter().map(ToString::to_string).collect();
    let ticked = |value: &str| form.has("people[]", value, initial.iter().any(|one| one == value));
    let about = view.service.is_none().then(|| ("node", view.node_id.to_string()));
    let finder = finder(here, people.len(), find, "Find a person to show it to", about);
    let people: Vec<_> = fitting(people, find, ticked).into_iter().map(|(value, name)| {
        let id = format!("{}-{value}", form.id("people"));
        let checked = ticked(&value);
        view! { <div class="tick"><input type="checkbox" id=id.clone() name="people[]" value=value checked=checked /><label for=id>{name}</label></div> }
    }).collect();
    let people = (!people.is_empty()).then(|| {
        view! { <fieldset class="people"><legend class="sr">"These people"</legend>{people.collect_view()}</fieldset> }.into_any()
    });
    let people = match (people, circles(here, &form, view)) {
        (None, None) => None,
        (people, circles) => Some(view! { {circles}{people} }.into_any()),
    };
    let whom = if people.is_some() {
        ""
    } else {
        "You have met nobody here yet: whoever answers an offer of yours can be chosen then."
    };
    let gates = (view.shares > 0).then(|| open_gates(&form, view));
    let from = match &view.from {
        Some(entry) => Some(filled(here, view, entry)),
        None if view.service.is_none() => {
            let way = paths::what_runs_on(view.tailnet, view.node_id);
            Some(view! { <p>{secondary(here, &way, "Choose from what people share at home")}</p> }.into_any())
        }
        None => None,
    };
    let offered = view.offered.then(|| {
        view! { <p class="note">"An offer of this waits for its answer. Whoever accepts gets the ports that stand here then."</p> }
    });
    let declared = view.declared.map(|to| {
        let chosen = match to {
            DeclaredTo::Chosen => "Here you choose who sees it, and whether it is left alone.",
            DeclaredTo::Nobody | DeclaredTo::Everybody => "Here you choose whether it is left alone.",
        };
        view! { <p class="note">{format!("The configuration of {} lists this; what it says is changed there. {chosen}", view.node)}</p> }
    });
    let changed = view.ports_changed.then(|| {
        view! { <p class="note">{format!("The configuration of {} gave this other ports, and nobody has looked at them. Once you save, what is approved beforehand for its kind applies to them too.", view.node)}</p> }
    });
    let back = view.service.map_or_else(|| paths::node(view.tailnet, view.node_id), paths::service);
    let body = view! {
        {target}
        {from}
        {declared}
        {changed}
        {offered}
        {Field::new("name", "Name").hint("What your friends call it.").initial(typed.name.clone()).max(80).required().view(&form)}
        {select(&form, "kind", "Kind", &typed.kind, kinds)}
        {Field::new("ports", "Ports").hint(format!("On which {} listens, such as 25565, 8000-8010 or udp:19132. TCP unless you say udp. Left empty, those that its kind usually has.", view.node)).initial(typed.ports.clone()).max(200).view(&form)}
        {gates}
        {left_alone(&form, typed)}
        {Field::new("about", "About").hint("What one finds there, who plays, house rules.").initial(typed.about.clone()).max(2000).rows(4).view(&form)}
        {radios(&form, "audience", "Who sees it in the directory", if typed.audience.is_empty() { "everybody" } else { &typed.audience }, vec![
            Choice { value: "everybody".into(), title: "Everybody here".into(), about: "Seeing is not reaching: a gate opens only with a share.".into(), more: None },
            Choice { value: "people".into(), title: "These people and circles".into(), about: whom.into(), more: people },
            Choice { value: "nobody".into(), title: "Nobody".into(), about: "Not listed; you can still offer it.".into(), more: None },
        ])}
        <p class="actions">{submit(words)}{secondary(here, &back, "Cancel")}</p>
    };
    let crumbs = vec![(paths::node(view.tailnet, view.node_id), view.node.clone())];
    view! {
        {head(here, crumbs, title, "A listing says what there is. It opens nothing.")}
        {finder}
        {form.view("form", body)}
    }
    .into_any()
}

/// The circles of whoever fills in the form, as boxes.
fn circles(here: &Here, form: &Form, view: &ServiceFormView) -> Option<AnyView> {
    let typed = &view.form;
    let boxes = view.circles.iter().map(|circle| {
        let value = circle.id.to_string();
        let id = format!("{}-{value}", form.id("circles"));
        let checked = form.has("circles[]", &value, typed.circles.contains(&circle.id));
        let words = format!("{} ({})", circle.name, people_in(circle.people));
        view! { <div class="tick"><input type="checkbox" id=id.clone() name="circles[]" value=value checked=checked /><label for=id>{words}</label></div> }
    });
    let boxes = boxes.collect_view();
    let of_others = (!view.circles_of_others.is_empty()).then(|| {
        let whose = view.circles_of_others.join(", ");
        view! { <p class="hint">{format!("Circles of {whose} see it too, and stay as they are.")}</p> }
    });
    let any = !view.circles.is_empty() || of_others.is_some();
    any.then(|| {
        let href = here.to(&paths::circles());
        view! { <fieldset class="people"><legend>"Circles"</legend>{boxes}{of_others}<p class="hint"><a href=href>"Your circles"</a></p></fieldset> }.into_any()
    })
}

/// What a change of ports does to open gates, said before it is stored.
fn open_gates(form: &Form, view: &ServiceFormView) -> AnyView {
    let gates = if view.shares == 1 { "1 gate is".to_owned() } else { format!("{} gates are", view.shares) };
    let legend = format!("If the ports change: {gates} open or waiting");
    let now = ports::in_words(&view.ports);
    radios(form, "gates", &legend, &view.form.gates, vec![
        Choice {
            value: "keep".into(),
            title: "They keep their ports".into(),
            about: format!("They go on leading where they lead now, such as {now}, until they end or you bring them along."),
            more: None,
        },
        Choice {
            value: "bring".into(),
            title: "Bring them along".into(),
            about: "Each waits for a review with the new ports. Until you have said yes it keeps the ports from before; then one rule takes the place of the other.".into(),
            more: None,
        },
    ])
}

/// Where what stands in the form comes from.
fn filled(here: &Here, view: &ServiceFormView, entry: &CatalogueEntry) -> AnyView {
    let others = here.to(&paths::what_runs_on(view.tailnet, view.node_id));
    let source = paths::on_the_web(&entry.source).map(|source| {
        let source = source.to_owned();
        view! { <a href=source rel="noreferrer">"its documentation"</a> }
    });
    view! {
        <p class="note">{format!("{} listens on {} by itself (", entry.name, entry.ports)}{source}"). Look whether yours does. It is "{entry.asked.clone()}". "<a href=others>"Choose something else"</a></p>
    }
    .into_any()
}

fn left_alone(form: &Form, typed: &ServiceForm) -> AnyView {
    let id = form.id("left_alone");
    let hint = format!("{id}-hint");
    let checked = form.has("left_alone", "yes", typed.left_alone == "yes");
    view! {
        <div class="field">
            <div class="tick"><input type="checkbox" id=id.clone() name="left_alone" value="yes" checked=checked aria-describedby=hint.clone() /><label for=id>"Leave it alone"</label></div>
            <p class="hint" id=hint>"Nobody asks whether it answers. For a server that sleeps while nobody plays: each question wakes it."</p>
        </div>
    }
    .into_any()
}

pub fn remove() -> AnyView {
    let id = param::<ServiceId>("id");
    open(|backend, here| async move {
        let id = id?;
        let view = backend.services.edit_form(id).await?;
        let name = view.form.name.clone();
        let title = format!("Take {name} off the board?");
        let can = view.shares == 0 && view.declared.is_none();
        let text = if view.declared.is_some() {
            format!(
                "The configuration of {} lists it. Take it out there; then it goes from here by itself, when nobody has a share of it.",
                view.node
            )
        } else if can {
            "Nobody has a share of it. The listing disappears; the machine and what runs on it stay as they are.".to_owned()
        } else {
            format!("{} of its shares are not over. End those first, then it can be removed.", view.shares)
        };
        let form = Form::new(&here, "services/remove");
        let button = can.then(|| {
            form.view(
                "actions",
                view! {
                    {hidden("service", id)}
                    <button class="button grave" type="submit">"Take it off"</button>
                },
            )
        });
        let body = view! {
            {head(&here, vec![(paths::service(id), name)], title.clone(), text)}
            <div class="actions">{button}{secondary(&here, &paths::service(id), "Keep it")}</div>
        };
        Ok(Page::new(title, NavSection::Directory, body.into_any()))
    })
}
