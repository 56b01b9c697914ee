//! `people …`: who is here, and who may come in. Works while the server runs and while it does not: what is done is
//! one transaction, and the server looks with each request; what takes longer waits as a job for it.

use std::fmt::Write as _;
use std::process::ExitCode;

use app::fault::Fault;
use app::ports::people::{Deed, PersonCard};
use clap::{Subcommand, ValueEnum};
use model::Timestamp;
use serde_json::json;

use super::{Configured, open, output, read_config, runtime};
use crate::state::AppState;
use crate::store::audit::Actor;
use crate::store::people::Search;
use crate::use_cases::people;
use crate::use_cases::people::card;
use crate::words::person::means;

#[derive(Debug, Subcommand)]
pub enum People {
    /// Who is here, blocked or being removed
    List {
        #[command(flatten)]
        on: Configured,
        #[arg(long, value_enum, default_value_t = Format::Text)]
        format: Format,
    },
    /// Shut somebody out: signed out at once, what they receive ends, what they give goes on until its end
    Block(Grave),
    /// Let somebody in again
    Unblock(Who),
    /// Shut somebody out for good; what they give and receive ends first
    Remove(Grave),
    /// End all sessions of somebody
    SignOut(Who),
    /// Print a link, good once and for a day, that adds a way to sign in to somebody's account
    Link(Who),
    /// Make somebody an owner of this instance
    MakeOwner(Who),
}

#[derive(Debug, clap::Args)]
pub struct Who {
    #[command(flatten)]
    on: Configured,
    /// Their id, name, or the login with which they sign in
    person: String,
}

#[derive(Debug, clap::Args)]
pub struct Grave {
    #[command(flatten)]
    who: Who,
    /// Do it; without this it is only said what would happen
    #[arg(long)]
    yes: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    Json,
    Text,
}

/// # Errors
/// When the database cannot be opened, or it cannot be done.
pub fn run(command: People) -> anyhow::Result<ExitCode> {
    match command {
        People::List { on, format } => with(&on, async |state| list(&state, format).await),
        People::Block(grave) => do_if_yes(&grave, Deed::Block),
        People::Remove(grave) => do_if_yes(&grave, Deed::Remove),
        People::Unblock(who) => act(&who, Deed::Unblock),
        People::SignOut(who) => act(&who, Deed::SignOut),
        People::MakeOwner(who) => act(&who, Deed::MakeOwner),
        People::Link(who) => with(&who.on, async |state| {
            let Some(found) = find(&state, &who.person).await? else { return Ok(ExitCode::from(1)) };
            match people::make_link(&state, found.id, Actor::CommandLine).await {
                Ok(link) => {
                    output::print(format!("{}\n", link.url))?;
                    output::say(format_args!(
                        "Whoever opens it first is {} from then on, with a new way to sign in; their other sessions \
                         end then. It is good once, until {}.",
                        found.name,
                        link.ends.to_minutes()
                    ));
                    Ok(ExitCode::SUCCESS)
                }
                Err(fault) => no(&fault),
            }
        }),
    }
}

/// Beside a running server, but not while its key is changed.
fn with(
    on: &Configured,
    work: impl AsyncFnOnce(AppState) -> anyhow::Result<ExitCode>,
) -> anyhow::Result<ExitCode> {
    let config = read_config(on.config.as_deref())?;
    runtime()?.block_on(async {
        let (state, _held) = open::for_question(config).await?;
        work(state).await
    })
}

fn do_if_yes(grave: &Grave, deed: Deed) -> anyhow::Result<ExitCode> {
    if grave.yes {
        return act(&grave.who, deed);
    }
    with(&grave.who.on, async |state| {
        let Some(found) = find(&state, &grave.who.person).await? else { return Ok(ExitCode::from(1)) };
        for sentence in means(deed, &found) {
            output::say(sentence);
        }
        output::say(format_args!(
            "Nothing was done. Run it again with --yes to {} {}.",
            deed.as_str(),
            found.name
        ));
        Ok(ExitCode::from(1))
    })
}

fn act(who: &Who, deed: Deed) -> anyhow::Result<ExitCode> {
    with(&who.on, async |state| {
        let Some(found) = find(&state, &who.person).await? else { return Ok(ExitCode::from(1)) };
        match people::act_on(&state, found.id, deed, Actor::CommandLine).await {
            Ok(said) => {
                output::say(said);
                Ok(ExitCode::SUCCESS)
            }
            Err(fault) => no(&fault),
        }
    })
}

fn no(fault: &Fault) -> anyhow::Result<ExitCode> {
    match fault {
        Fault::Internal { .. } => anyhow::bail!("{fault}"),
        fault => {
            output::say(model::text::capitalised(&fault.to_string()));
            Ok(ExitCode::from(1))
        }
    }
}

async fn everybody(state: &AppState) -> anyhow::Result<Vec<PersonCard>> {
    let search = Search { limit: i64::MAX, ..Search::default() };
    let rows = state.db.search_people(&search, state.now()).await?;
    Ok(rows.into_iter().map(card).collect())
}

/// The one person who is meant; otherwise it is said who could be.
async fn find(state: &AppState, meant: &str) -> anyhow::Result<Option<PersonCard>> {
    let same = |text: &str| text.to_lowercase() == meant.trim().to_lowercase();
    let mut fit = Vec::new();
    for card in everybody(state).await? {
        let ways = state.db.list_identities(card.id).await?;
        if same(&card.id.to_string()) || same(&card.name) || ways.iter().any(|way| same(&way.label)) {
            fit.push(card);
        }
    }
    if fit.len() > 1 {
        output::say(format_args!("Several people are meant by `{meant}`; say which by the id:"));
        for card in &fit {
            output::say(line(card, state.now()).trim_end());
        }
        return Ok(None);
    }
    let found = fit.pop();
    if found.is_none() {
        output::say(format_args!("Nobody here is `{meant}`. `acequia people list` says who is."));
    }
    Ok(found)
}

async fn list(state: &AppState, format: Format) -> anyhow::Result<ExitCode> {
    let (all, now) = (everybody(state).await?, state.now());
    match format {
        Format::Text => {
            output::print(all.iter().map(|card| line(card, now)).collect::<String>())?;
        }
        Format::Json => {
            let row = |card: &PersonCard| {
                json!({
                    "id": card.id.to_string(),
                    "name": card.name,
                    "login": card.login,
                    "owner": card.instance_owner,
                    "standing": card.standing.as_str(),
                    "came": card.came.to_string(),
                    "seen": card.seen.map(|at| at.to_string()),
                    "tailnets": card.tailnets,
                    "gives": card.gives,
                    "receives": card.receives,
                })
            };
            output::print_json(&all.iter().map(row).collect::<Vec<_>>())?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// One person on one line. What they are called gives no orders to a terminal.
fn line(card: &PersonCard, now: Timestamp) -> String {
    let mut line = format!("{}  {:<9} ", card.id, card.standing.as_str());
    let _ = write!(line, "{}", plain(&card.name));
    if let Some(login) = &card.login {
        let _ = write!(line, " <{}>", plain(login));
    }
    if card.instance_owner {
        line.push_str(", owner");
    }
    let _ = write!(line, ", gives {}, receives {}", card.gives, card.receives);
    match card.seen.filter(|at| *at <= now) {
        Some(at) => drop(write!(line, ", last here {}", at.to_minutes())),
        None => line.push_str(", not signed in"),
    }
    line.push('\n');
    line
}

fn plain(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { char::REPLACEMENT_CHARACTER } else { c }).collect()
}
