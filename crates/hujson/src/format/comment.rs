//! Block comments over several lines: the common indentation is replaced, the rest of each line stays.

use super::gap::push_tabs;
use crate::extra::whitespace_len;

pub fn push_block(out: &mut String, comment: &str, depth: usize) {
    let (head, body) = comment.split_once('\n').unwrap_or((comment, ""));
    let lines: Vec<&str> = body.split('\n').map(str::trim_end).collect();
    let shared = shared_prefix(&lines);
    let indent = whitespace_len(shared);
    let stars = shared.get(indent) == Some(&b'*') && lines.iter().all(|line| !line.is_empty());
    out.push_str(head.trim_end());
    for line in lines {
        out.push('\n');
        if line.is_empty() {
            continue;
        }
        push_tabs(out, depth);
        if stars {
            out.push(' ');
        }
        out.push_str(if line.trim_start_matches(BLANK) == "*/" {
            "*/"
        } else {
            line.get(indent..).unwrap_or(line)
        });
    }
}

const BLANK: [char; 4] = [' ', '\t', '\r', '\n'];

/// What all lines start with, from the first line that is not empty. Only the white space of it and whether a
/// star follows matter. A last line that is nothing but the end of the comment does not count.
fn shared_prefix<'a>(lines: &[&'a str]) -> &'a [u8] {
    let mut filled = lines.iter().filter(|line| !line.is_empty());
    let mut shared = filled.next().map_or(&[][..], |line| line.as_bytes());
    for line in filled {
        if line.trim_start_matches(BLANK) == "*/" {
            break;
        }
        let mismatch = shared.iter().zip(line.as_bytes()).position(|(one, other)| one != other);
        shared = mismatch.and_then(|at| shared.get(..at)).unwrap_or(shared);
    }
    shared
}
