use firewall::{Backend, System};

use crate::golden;

fn assert_parses(name: &str, text: &str) {
    let mut parser = tree_sitter::Parser::new();
    parser.set_language(&tree_sitter_powershell::LANGUAGE.into()).unwrap();
    let tree = parser.parse(text, None).unwrap();
    assert!(!tree.root_node().has_error(), "{name}: {}\n{text}", tree.root_node().to_sexp());
}

#[test]
fn every_windows_file_is_powershell() {
    for (name, snippet) in golden::files(Backend::Windows) {
        assert_parses(&name, &snippet.text());
        assert_parses("the check command", &snippet.check_command);
        assert_parses("the list command", &snippet.list_command);
        assert_parses("undo", &snippet.undo);
        assert_parses("apply", &snippet.apply);
    }
    for (name, made) in golden::bootstraps().into_iter().filter(|(_, made)| made.system == System::Windows) {
        assert_parses(&name, &made.text());
    }
}

#[test]
#[should_panic(expected = "ERROR")]
fn a_quote_that_is_left_open_is_noticed() {
    assert_parses("broken", "New-NetFirewallRule -DisplayName 'acequia | Out-Null\n");
}
