//! The matrix: people, tags and machines against listed services, one page of it.

use leptos::prelude::*;

use crate::paths;
use crate::ports::reach::{Column, Question, ReachQuery, ReachView, Row, Standing};
use crate::site::here::Here;
use crate::site::parts::empty::empty;
use crate::site::parts::ports;

pub fn panel(here: &Here, asked: &ReachQuery, view: &ReachView) -> AnyView {
    let matrix = &view.matrix;
    if matrix.listed == 0 {
        return empty(
            "No services are listed here",
            "The matrix shows who reaches each listed service. List one on the page of its machine; the question above works without.",
            (),
        );
    }
    let heads = matrix.columns.iter().map(|column| head(here, view, column)).collect_view();
    let rows = matrix.rows.iter().map(|row| line(view, row)).collect_view();
    let nobody =
        matrix.rows.is_empty().then(|| view! { <p class="soft">"Nobody has that in their name."</p> });
    let nothing =
        matrix.columns.is_empty().then(|| view! { <p class="soft">"No service has that in its name."</p> });
    view! {
        <form class="search" role="search" method="get" action=here.to(&paths::reach(view.tailnet))>
            <div class="field grow">
                <label for="matrix-q">"Only names with"</label>
                <input id="matrix-q" name="q" type="search" value=asked.q.clone() maxlength="100" />
            </div>
            <div class="field grow">
                <label for="matrix-service">"Only services with"</label>
                <input id="matrix-service" name="service" type="search" value=asked.service.clone() maxlength="100" />
            </div>
            <button class="button" type="submit">"Show"</button>
        </form>
        <div class="matrix-scroll" tabindex="0" role="region" aria-label="People and services">
            <table class="cards matrix">
                <thead><tr><th scope="col">"Who"</th>{heads}</tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
        {nobody}
        {nothing}
        {pages(here, asked, view)}
    }
    .into_any()
}

fn head(here: &Here, view: &ReachView, column: &Column) -> AnyView {
    let name = column.name.clone();
    let name = if view.may_change {
        view! { <a href=here.to(&paths::service(column.service))>{name}</a> }.into_any()
    } else {
        name.into_any()
    };
    let about = format!("{} · {}", column.node, ports::in_words(&column.ports));
    view! { <th scope="col">{name}<span class="soft small block">{about}</span></th> }.into_any()
}

fn line(view: &ReachView, row: &Row) -> AnyView {
    let cells = row.cells.iter().zip(&view.matrix.columns).map(|((standing, note), column)| {
        let (class, word) = word(*standing);
        let href = paths::asked(&question(row, column));
        let note = note.clone().map(|note| view! { <span class="soft small">{note}</span> });
        let label = column.name.clone();
        // There are many of them: no more elements and attributes than are needed. Who and what are in the heads.
        view! { <td class=class data-label=label><a href=href>{word}</a>{note}</td> }
    });
    let about = paths::asked(&Question { who: row.who.clone(), ..Question::default() });
    view! {
        <tr>
            <th scope="row"><a href=about>{row.who.clone()}</a><span class="soft small block">{row.kind.clone()}</span></th>
            {cells.collect_view()}
        </tr>
    }
    .into_any()
}

/// The question that the cell answers in short.
fn question(row: &Row, column: &Column) -> Question {
    let first = column.ports.iter().next();
    let (port, protocol) = first.map_or_else(Default::default, |(protocol, range)| {
        (range.first().to_string(), protocol.as_str().to_owned())
    });
    Question { who: row.who.clone(), node: column.node.clone(), port, protocol }
}

const fn word(standing: Standing) -> (&'static str, &'static str) {
    match standing {
        Standing::Yes => ("yes", "yes"),
        Standing::Part => ("part", "part"),
        Standing::Possible => ("possible", "possible"),
        Standing::No => ("no", "no"),
        Standing::Unknown => ("unknown", "not known"),
    }
}

fn pages(here: &Here, asked: &ReachQuery, view: &ReachView) -> AnyView {
    let matrix = &view.matrix;
    let to = |rows: usize, columns: usize| {
        let path = paths::with(&here.path, "rows", &rows.to_string());
        format!("{}#matrix", here.to(&paths::with(&path, "columns", &columns.to_string())))
    };
    let (rows, columns) = (asked.rows_before, asked.columns_before);
    let row_end = rows + matrix.rows.len();
    let column_end = columns + matrix.columns.len();
    let link = |show: bool, href: String, words: &'static str| {
        show.then(|| view! { <a class="button" href=href>{words}</a> })
    };
    view! {
        <p class="soft">{format!("{row_end} of {} people, tags and machines; {column_end} of {} services.", matrix.all_rows, matrix.all_columns)}</p>
        <p class="actions">
            {link(rows > 0, to(0, columns), "First people")}
            {link(row_end < matrix.all_rows, to(row_end, columns), "More people")}
            {link(columns > 0, to(rows, 0), "First services")}
            {link(column_end < matrix.all_columns, to(rows, column_end), "More services")}
        </p>
    }
    .into_any()
}
