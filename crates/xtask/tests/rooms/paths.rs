//! The paths of a source text that begin at the crate or beside it.

use proc_macro2::{Delimiter, Ident, TokenStream, TokenTree};

/// Absolute paths within the crate, without `crate`. Modules of tests inside the text are left out.
pub fn of(module: &str, text: &str) -> Vec<Vec<String>> {
    let here: Vec<String> = module.split("::").map(str::to_owned).collect();
    let tokens: TokenStream = text.parse().unwrap_or_else(|error| panic!("{module}: {error}"));
    let mut found = Vec::new();
    walk(tokens, &here, &mut found);
    found
}

fn walk(tokens: TokenStream, here: &[String], found: &mut Vec<Vec<String>>) {
    let all: Vec<TokenTree> = tokens.into_iter().collect();
    let mut at = 0;
    while let Some(token) = all.get(at) {
        match token {
            // `mod tests { … }`, and whatever else is a module inside the file: its `super` is this file.
            TokenTree::Ident(word) if word == "mod" => {
                if let Some(TokenTree::Group(group)) = all.get(at + 2) {
                    let name = all[at + 1].to_string();
                    if name != "tests" {
                        walk(group.stream(), &[here, &[name]].concat(), found);
                    }
                    at += 2;
                }
            }
            TokenTree::Ident(word) if is_root(word) => {
                if let Some((base, rest)) = base(&all[at..], here) {
                    at += rest;
                    at += tree(&all[at..], &base, found);
                    continue;
                }
            }
            // `use part::Thing`: a module of this one, or a library, of which nobody here is called the same.
            TokenTree::Ident(word)
                if word == "use"
                    && !matches!(all.get(at + 1), Some(TokenTree::Ident(word)) if is_root(word)) =>
            {
                at += 1 + tree(&all[at + 1..], here, found);
                continue;
            }
            TokenTree::Group(group) => walk(group.stream(), here, found),
            _ => {}
        }
        at += 1;
    }
}

fn is_root(word: &Ident) -> bool {
    word == "crate" || word == "super" || word == "self"
}

/// What `crate::`, `super::super::` or `self::` stands for, and how many tokens that was.
fn base(tokens: &[TokenTree], here: &[String]) -> Option<(Vec<String>, usize)> {
    let (mut base, mut at) = (here.to_vec(), 0);
    loop {
        match tokens.get(at)? {
            TokenTree::Ident(word) if word == "crate" => base.clear(),
            TokenTree::Ident(word) if word == "super" => drop(base.pop()),
            TokenTree::Ident(word) if word == "self" => {}
            _ => return (at > 0).then_some((base, at)),
        }
        if !colons(tokens, at + 1) {
            return None;
        }
        at += 3;
    }
}

fn colons(tokens: &[TokenTree], at: usize) -> bool {
    let is = |at: usize| matches!(tokens.get(at), Some(TokenTree::Punct(mark)) if mark.as_char() == ':');
    is(at) && is(at + 1)
}

/// `a::b`, or `a::{b, c::d}`: adds each path. Gives how many tokens it was.
fn tree(tokens: &[TokenTree], base: &[String], found: &mut Vec<Vec<String>>) -> usize {
    let (mut path, mut at) = (base.to_vec(), 0);
    loop {
        match tokens.get(at) {
            Some(TokenTree::Ident(word)) => {
                path.push(word.to_string());
                at += 1;
                if colons(tokens, at) {
                    at += 2;
                    continue;
                }
            }
            Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Brace => {
                let within: Vec<TokenTree> = group.stream().into_iter().collect();
                for part in
                    within.split(|token| matches!(token, TokenTree::Punct(mark) if mark.as_char() == ','))
                {
                    tree(part, &path, found);
                }
                return at + 1;
            }
            Some(TokenTree::Punct(mark)) if mark.as_char() == '*' => at += 1,
            _ => {}
        }
        found.push(path);
        return at;
    }
}
