//! What a person does by hand where this app may not.

use std::fmt::Display;

pub const NOTICED: &str = "It is noticed by itself. To have it looked at at once, press “Try again now”.";
pub const ADD_THESE_LINES: &str = "Add these lines to the grants of the policy file, with the comment: by it the \
                                   rule is found again.";
pub const OPEN_THE_FILE: &str =
    "Open the policy file where it is kept: the admin console (Access controls), or its repository.";
pub const PUT_IN_LINES: &str = "Put in the lines that are marked with +, or replace the whole file by the text \
                                below. Keep the comment: by it the rule is found again.";
pub const CREDENTIALS_SEALED: &str = "The stored credentials cannot be opened.";
pub const NOTHING_TO_TAKE_OUT: &str = "The rule is not in the policy any more: there is nothing to take out.";
pub const TAKE_OUT_LINES: &str =
    "Take out the lines that are marked with −, or replace the whole file by the text below.";
pub const LOOK_FOR_THESE_LINES: &str =
    "Look for these lines in the policy file and take them out. The rest of the file stays.";

pub fn not_understood(error: impl Display) -> String {
    format!("The policy in force is not understood: {error}.")
}

pub fn file_unknown(why: &str) -> String {
    format!("{why} So the whole file cannot be shown.")
}

pub fn open_machine(node: &str) -> String {
    format!("In the admin console open Machines, {node}, Share.")
}

pub fn take_out_friend(login: impl Display) -> String {
    format!("Take out {login}, and delete the open invite if there is one.")
}
