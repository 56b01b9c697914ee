//! Forms that are plain HTML: labels, hints, what was typed before, and what was wrong with it.

use leptos::prelude::*;
use model::text::capitalised;

use crate::site::here::Here;

/// One form of a page, with what came back from its last posting.
#[derive(Clone)]
pub struct Form {
    /// Its endpoint, such as `offers/create`.
    name: &'static str,
    action: String,
    errors: Vec<(String, String)>,
    /// Absent: it was not posted, the initial values hold.
    typed: Option<Vec<(String, String)>>,
}

impl Form {
    pub fn new(here: &Here, name: &'static str) -> Self {
        let message = &here.message;
        let mine = message.form == name && message.done.is_none();
        Self {
            name,
            action: here.post(name),
            errors: if mine { message.errors.clone() } else { Vec::new() },
            typed: (mine && !message.values.is_empty()).then(|| message.values.clone()),
        }
    }

    /// A form that asks by GET; what is wrong with the question is known when the page is made.
    pub fn asking(here: &Here, name: &'static str, errors: Vec<(String, String)>) -> Self {
        Self { errors, typed: None, ..Self::new(here, name) }
    }

    /// The id of a field's element: no other form of the page has it.
    pub fn id(&self, field: &str) -> String {
        format!("{}-{}", self.name.replace('/', "-"), field.replace("[]", ""))
    }

    pub fn value(&self, field: &str, initial: &str) -> String {
        match &self.typed {
            Some(typed) => typed
                .iter()
                .find(|(name, _)| name == field)
                .map(|(_, value)| value.clone())
                .unwrap_or_default(),
            None => initial.to_owned(),
        }
    }

    /// Whether a box or radio is ticked.
    pub fn has(&self, field: &str, value: &str, initial: bool) -> bool {
        match &self.typed {
            Some(typed) => typed.iter().any(|(name, typed)| name == field && typed == value),
            None => initial,
        }
    }

    pub fn error(&self, field: &str) -> Option<String> {
        self.errors.iter().find(|(name, _)| name == field).map(|(_, error)| error.clone())
    }

    /// The whole form. The summary takes the focus when something was wrong.
    pub fn view(&self, class: &'static str, body: impl IntoView + 'static) -> AnyView {
        let summary = (!self.errors.is_empty()).then(|| {
            let items = self.errors.iter().map(|(field, error)| {
                let href = format!("#{}", self.id(field));
                view! { <li><a href=href>{capitalised(error)}</a></li> }
            });
            let label = self.id("summary");
            view! {
                <div class="summary" role="alert" tabindex="-1" autofocus aria-labelledby=label.clone()>
                    <p id=label.clone()><strong>"Nothing was changed yet."</strong>" Please look at this again:"</p>
                    <ul>{items.collect_view()}</ul>
                </div>
            }
        });
        framed("post", self.action.clone(), class, view! { {summary}{body.into_view().into_any()} })
    }

    /// The whole form, for one made with [`Self::asking`].
    pub fn asks(class: &'static str, action: String, body: impl IntoView + 'static) -> AnyView {
        framed("get", action, class, body)
    }
}

fn framed(
    method: &'static str,
    action: String,
    class: &'static str,
    body: impl IntoView + 'static,
) -> AnyView {
    view! {
        <form method=method action=action class=class>
            {body.into_view().into_any()}
        </form>
    }
    .into_any()
}

pub fn hidden(name: &'static str, value: impl ToString) -> AnyView {
    view! { <input type="hidden" name=name value=value.to_string() /> }.into_any()
}

/// One labelled input.
pub struct Field {
    name: &'static str,
    label: String,
    kind: &'static str,
    hint: Option<String>,
    initial: String,
    max: Option<usize>,
    required: bool,
    rows: Option<u32>,
    complete: &'static str,
    list: Option<String>,
}

impl Field {
    pub fn new(name: &'static str, label: impl Into<String>) -> Self {
        Self {
            name,
            label: label.into(),
            kind: "text",
            hint: None,
            initial: String::new(),
            max: None,
            required: false,
            rows: None,
            complete: "off",
            list: None,
        }
    }
    pub fn kind(mut self, kind: &'static str) -> Self {
        self.kind = kind;
        self
    }
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
    pub fn initial(mut self, value: impl Into<String>) -> Self {
        self.initial = value.into();
        self
    }
    pub fn max(mut self, max: usize) -> Self {
        self.max = Some(max);
        self
    }
    pub fn required(mut self) -> Self {
        self.required = true;
        self
    }
    /// Several lines.
    pub fn rows(mut self, rows: u32) -> Self {
        self.rows = Some(rows);
        self
    }
    pub fn complete(mut self, how: &'static str) -> Self {
        self.complete = how;
        self
    }
    /// The id of a datalist.
    pub fn list(mut self, id: impl Into<String>) -> Self {
        self.list = Some(id.into());
        self
    }

    pub fn view(self, form: &Form) -> AnyView {
        let id = form.id(self.name);
        let error = form.error(self.name);
        let (hint_id, error_id) = (format!("{id}-hint"), format!("{id}-error"));
        let mut described = Vec::new();
        if self.hint.is_some() {
            described.push(hint_id.clone());
        }
        if error.is_some() {
            described.push(error_id.clone());
        }
        let described = (!described.is_empty()).then(|| described.join(" "));
        let invalid = error.is_some().then_some("true");
        let secret = self.kind == "password";
        let value = if secret { String::new() } else { form.value(self.name, &self.initial) };
        let max = self.max.map(|max| max.to_string());
        let input = match self.rows {
            Some(rows) => view! {
                <textarea id=id.clone() name=self.name rows=rows maxlength=max required=self.required aria-describedby=described aria-invalid=invalid>
                    {inside_textarea(&value)}
                </textarea>
            }
            .into_any(),
            None => view! {
                <input
                    id=id.clone()
                    name=self.name
                    type=self.kind
                    value=value
                    maxlength=max
                    required=self.required
                    autocomplete=self.complete
                    list=self.list
                    aria-describedby=described
                    aria-invalid=invalid
                />
            }
            .into_any(),
        };
        let optional = (!self.required).then(|| view! { <span class="optional">" optional"</span> });
        view! {
            <div class="field">
                <label for=id>{self.label}{optional}</label>
                {self.hint.map(|hint| view! { <p class="hint" id=hint_id>{hint}</p> })}
                {input}
                {error.map(|error| view! { <p class="error" id=error_id>{capitalised(&error)}</p> })}
            </div>
        }
        .into_any()
    }
}

/// What stands between the tags of a text area, so that a browser shows `text` and nothing but that.
///
/// Leptos 0.8 writes it as it is given: escaping came with leptos#4730, went with #4819, and is discussed on in #4821.
/// When it comes back, `what_was_typed_comes_back_to_the_byte` fails and the escape here goes. The line break before
/// the text is the one that a parser drops (HTML, "the rules for parsing tokens": a `textarea` start tag).
fn inside_textarea(text: &str) -> String {
    format!("\n{}", html_escape::encode_text(text))
}

/// One of several, as a radio with a title and what it means.
pub struct Choice {
    pub value: String,
    pub title: String,
    pub about: String,
    /// Shown inside the option, such as a field that belongs to it.
    pub more: Option<AnyView>,
}

/// A group of radio cards.
pub fn radios(form: &Form, name: &'static str, legend: &str, initial: &str, options: Vec<Choice>) -> AnyView {
    let error = form.error(name);
    let error_id = format!("{}-error", form.id(name));
    let described = error.is_some().then(|| error_id.clone());
    let cards = options.into_iter().enumerate().map(|(at, option)| {
        let id = if at == 0 { form.id(name) } else { format!("{}-{}", form.id(name), option.value) };
        // Named by its title alone: what it means is said after it, and once.
        let (title_id, about_id) = (format!("{id}-title"), format!("{id}-about"));
        let checked = form.has(name, &option.value, option.value == initial);
        let about = (!option.about.is_empty()).then(|| view! { <span class="about" id=about_id.clone()>{option.about.clone()}</span> });
        let about_ref = (!option.about.is_empty()).then_some(about_id);
        view! {
            <div class="choice">
                <input type="radio" id=id.clone() name=name value=option.value checked=checked required aria-labelledby=title_id.clone() aria-describedby=about_ref />
                <label for=id><span class="title" id=title_id>{option.title}</span>{about}</label>
                {option.more}
            </div>
        }
    });
    view! {
        <fieldset class="choices" aria-describedby=described>
            <legend>{legend.to_owned()}</legend>
            {error.map(|error| view! { <p class="error" id=error_id>{capitalised(&error)}</p> })}
            {cards.collect_view()}
        </fieldset>
    }
    .into_any()
}

/// A closed list.
pub fn select(
    form: &Form,
    name: &'static str,
    label: &str,
    initial: &str,
    options: Vec<(String, String)>,
) -> AnyView {
    let id = form.id(name);
    let error = form.error(name);
    let error_id = format!("{id}-error");
    let described = error.is_some().then(|| error_id.clone());
    let invalid = error.is_some().then_some("true");
    let chosen = form.value(name, initial);
    let items = options.into_iter().map(|(value, words)| {
        let selected = value == chosen;
        view! { <option value=value selected=selected>{words}</option> }
    });
    view! {
        <div class="field">
            <label for=id.clone()>{label.to_owned()}</label>
            <select id=id name=name aria-describedby=described aria-invalid=invalid>{items.collect_view()}</select>
            {error.map(|error| view! { <p class="error" id=error_id>{capitalised(&error)}</p> })}
        </div>
    }
    .into_any()
}

/// The button of a form.
pub fn submit(words: impl Into<String>) -> AnyView {
    view! { <button class="button primary" type="submit">{words.into()}</button> }.into_any()
}
