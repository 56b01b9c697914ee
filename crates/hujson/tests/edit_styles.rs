//! Policy files as people write them: what an inserted rule looks like, and that it leaves without a trace.

use hujson::edit::{self, EditError};

const RULE: &str = "{\"src\": [\"a@b.c\"], \"dst\": [\"web\"]}";

struct Case {
    name: &'static str,
    text: &'static str,
    pointer: &'static str,
    want: &'static str,
}

/// `$` stands for the rule.
const CASES: &[Case] = &[
    Case {
        name: "tabs and trailing commas",
        text: "{\n\t\"grants\": [\n\t\t{\"src\": [\"*\"]},\n\t],\n}\n",
        pointer: "/grants",
        want: "{\n\t\"grants\": [\n\t\t{\"src\": [\"*\"]},\n\t\t// acequia: 7\n\t\t$,\n\t],\n}\n",
    },
    Case {
        name: "two spaces, no trailing commas, no final newline",
        text: "{\n  \"grants\": [\n    \"a\",\n    \"b\"\n  ]\n}",
        pointer: "/grants",
        want: "{\n  \"grants\": [\n    \"a\",\n    \"b\",\n    // acequia: 7\n    $\n  ]\n}",
    },
    Case {
        name: "comment at the end of the last element's line, without comma",
        text: "{\n  \"acls\": [\n    \"a\" // keep\n  ],\n}\n",
        pointer: "/acls",
        want: "{\n  \"acls\": [\n    \"a\", // keep\n    // acequia: 7\n    $\n  ],\n}\n",
    },
    Case {
        name: "comment at the end of the last element's line, behind the comma",
        text: "[\n  \"a\", // keep\n]\n",
        pointer: "",
        want: "[\n  \"a\", // keep\n  // acequia: 7\n  $,\n]\n",
    },
    Case {
        name: "comment block before the closing bracket",
        text: "[\n    \"a\",\n    // end of the rules\n\n    // really\n]\n",
        pointer: "",
        want: "[\n    \"a\",\n    // acequia: 7\n    $,\n    // end of the rules\n\n    // really\n]\n",
    },
    Case {
        name: "windows line ends",
        text: "{\r\n  // rules\r\n  \"grants\": [\r\n    \"a\" // x\r\n  ]\r\n}\r\n",
        pointer: "/grants",
        want: "{\r\n  // rules\r\n  \"grants\": [\r\n    \"a\", // x\r\n    // acequia: 7\r\n    $\r\n  ]\r\n}\r\n",
    },
    Case {
        name: "empty on one line",
        text: "{\n\t\"grants\": [],\n}\n",
        pointer: "/grants",
        want: "{\n\t\"grants\": [/* acequia: 7 */ $],\n}\n",
    },
    Case {
        name: "empty over two lines",
        text: "{\n\t\"grants\": [\n\t],\n}\n",
        pointer: "/grants",
        want: "{\n\t\"grants\": [\n\t\t// acequia: 7\n\t\t$,\n\t],\n}\n",
    },
    Case {
        name: "empty but for a comment",
        text: "{\n  \"grants\": [ // none yet\n    // see the wiki\n  ]\n}\n",
        pointer: "/grants",
        want: "{\n  \"grants\": [ // none yet\n    // acequia: 7\n    $\n    // see the wiki\n  ]\n}\n",
    },
    Case {
        name: "the whole file on one line",
        text: "{\"grants\":[{\"src\":[\"*\"]}]}",
        pointer: "/grants",
        want: "{\"grants\":[{\"src\":[\"*\"]}, /* acequia: 7 */ $]}",
    },
    Case {
        name: "one line with inner space, comments and no comma",
        text: "[ \"a\", \"b\" /* the b */ ]\n",
        pointer: "",
        want: "[ \"a\", \"b\" /* the b */, /* acequia: 7 */ $ ]\n",
    },
    Case {
        name: "one line with a trailing comma and no spaces",
        text: "[1,2,]",
        pointer: "",
        want: "[1,2,/* acequia: 7 */ $,]",
    },
    Case {
        name: "a comment block above every rule, rules apart by blank lines",
        text: "[\n\t// one\n\t// two\n\t{\n\t\t\"src\": [\"*\"],\n\t},\n\n\t/* three\n\t   four */\n\t{\n\t\t\"src\": [\"*\"],\n\t},\n\n]\n",
        pointer: "",
        want: "[\n\t// one\n\t// two\n\t{\n\t\t\"src\": [\"*\"],\n\t},\n\n\t/* three\n\t   four */\n\t{\n\t\t\"src\": [\"*\"],\n\t},\n\n\t// acequia: 7\n\t$,\n\n]\n",
    },
    Case {
        name: "closing bracket on the line of the last element",
        text: "{\n \"grants\": [\n  \"a\",\n  \"b\" ] }",
        pointer: "/grants",
        want: "{\n \"grants\": [\n  \"a\",\n  \"b\",\n  // acequia: 7\n  $ ] }",
    },
    Case {
        name: "commas at the start of lines",
        text: "[\n    1\n  , 2 // two\n]\n",
        pointer: "",
        want: "[\n    1\n  , 2, // two\n    // acequia: 7\n    $\n]\n",
    },
    Case {
        name: "braces that hug their brackets",
        text: "{\"grants\": [{\n  \"src\": [\"*\"]\n}]}\n",
        pointer: "/grants",
        want: "{\"grants\": [{\n  \"src\": [\"*\"]\n}, /* acequia: 7 */ $]}\n",
    },
];

#[test]
fn a_rule_comes_in_the_style_of_the_file_and_leaves_without_a_trace() {
    for Case { name, text, pointer, want } in CASES {
        let inserted = edit::insert_element(text, pointer, Some("acequia: 7"), RULE).expect(name);
        assert_eq!(inserted.text, want.replace('$', RULE), "{name}");
        let array = hujson::parse_str(&inserted.text).expect(name);
        let rules = array.find(pointer).and_then(|list| list.as_array()).expect(name).elements();
        let index = rules.len() - 1;
        assert_eq!(edit::own_comments(&rules[index]), ["acequia: 7"], "{name}");
        assert_eq!(edit::remove_element(&inserted.text, pointer, index).expect(name).text, *text, "{name}");
    }
}

#[test]
fn a_file_without_the_section_gets_it_and_loses_it_again() {
    let files = [
        ("{}", "{\"grants\": [/* 7 */ 1]}"),
        ("{ }\n", "{ \"grants\": [/* 7 */ 1] }\n"),
        ("{\n  \"acls\": [], // old\n}\n", "{\n  \"acls\": [], // old\n  \"grants\": [/* 7 */ 1],\n}\n"),
        ("{\r\n\t\"acls\":[]\r\n}", "{\r\n\t\"acls\":[],\r\n\t\"grants\":[/* 7 */ 1]\r\n}"),
    ];
    for (text, want) in files {
        let inserted = edit::insert_member(text, "", "grants", "[/* 7 */ 1]").expect("inserted");
        assert_eq!(inserted.text, want);
        assert_eq!(edit::remove_member(want, "", "grants").expect("removed").text, text);
    }
}

#[test]
fn a_value_over_several_lines_is_indented_like_the_file() {
    let text = "{\n    \"acls\": [\n        1\n    ]\n}\n";
    let section = "[\n\t// share\n\t{\"src\": []}\n]";
    let inserted = edit::insert_member(text, "", "grants", section).expect("inserted");
    let want = "{\n    \"acls\": [\n        1\n    ],\n    \"grants\": [\n        // share\n        {\"src\": []}\n    ]\n}\n";
    assert_eq!(inserted.text, want);
    let one_line = edit::insert_member("{\"acls\": []}", "", "grants", "[\n\t1,\n\t2,\n]").expect("inserted");
    assert_eq!(one_line.text, "{\"acls\": [], \"grants\": [1, 2]}");
    let commented = edit::insert_member("{}", "", "grants", section).expect("inserted");
    assert_eq!(commented.text, "{\"grants\": [/* share */ {\"src\": []}]}");
}

#[test]
fn shares_leave_in_any_order_and_others_keep_their_edits() {
    for text in [
        "[\n\t1,\n\n\t2 // two\n]",
        "[\r\n\t1,\r\n\r\n\t// two\r\n\t2,\r\n\r\n]",
        "[]",
        "[ ]",
        "[\n]",
        "[1]",
        "[\n\t1\n]",
        "[\n\t1,\n]",
        "[\r\n\t1, // one\r\n]",
        "[1,2,]",
    ] {
        let count = hujson::parse_str(text).expect("valid").as_array().expect("array").elements().len();
        let first = edit::insert_element(text, "", Some("first"), "{}").expect("first").text;
        let both = edit::insert_element(&first, "", Some("second"), "\"s\"").expect("second").text;
        let second_only = edit::remove_element(&both, "", count).expect("first removed").text;
        assert_eq!(
            second_only,
            edit::insert_element(text, "", Some("second"), "\"s\"").expect("second").text
        );
        assert_eq!(edit::remove_element(&both, "", count + 1).expect("second removed").text, first);
        assert_eq!(edit::remove_element(&second_only, "", count).expect("both removed").text, text);
    }
}

#[test]
fn a_comment_that_others_put_behind_the_rule_leaves_with_it() {
    let text = "[\n\t1,\n\t// share\n\t2, // by Bob\n\t3,\n]\n";
    assert_eq!(edit::remove_element(text, "", 1).expect("removed").text, "[\n\t1,\n\t3,\n]\n");
}

#[test]
fn comments_apart_from_the_rule_stay() {
    let text = "[\n\t1, // one\n\n\t// about all below\n\n\t// two\n\t2,\n]\n";
    let want = "[\n\t1, // one\n\n\t// about all below\n\n]\n";
    assert_eq!(edit::remove_element(text, "", 1).expect("removed").text, want);
}

#[test]
fn a_replaced_value_leaves_all_around_it_alone() {
    let text = "{\n  // ports\n  \"ip\": /* x */ [\"22\"], // ssh\n}\n";
    let replaced = edit::replace_value(text, "/ip", "[\"443\"]").expect("replaced");
    assert_eq!(replaced.text, "{\n  // ports\n  \"ip\": /* x */ [\"443\"], // ssh\n}\n");
    assert_eq!(replaced.splices.len(), 1);
}

#[test]
fn ambiguous_and_wrong_places_are_refused() {
    let refused =
        |text, pointer| edit::insert_element(text, pointer, None, "1").expect_err("refused").to_string();
    assert_eq!(
        refused("{\"acls\": [],\n\"acls\": []}", "/acls"),
        "`acls` occurs twice, the second time in line 2: remove one of them first"
    );
    assert_eq!(refused("{\"acls\": {}}", "/acls"), "`/acls` is not an array: edit it by hand");
    assert_eq!(refused("{}", "/acls"), "`/acls`: value not found");
    assert_eq!(refused("[", ""), "hujson: line 1, column 2: parsing value: unexpected EOF");
    let exists = edit::insert_member("{\"ACLs\": []}", "", "acls", "[]").expect_err("refused");
    assert_eq!(exists, EditError::Exists { name: "ACLs".to_owned() });
    assert!(matches!(edit::insert_element("[]", "", None, "1 /* one */"), Err(EditError::Around)));
    assert!(matches!(edit::insert_element("[]", "", None, "1, 2"), Err(EditError::Value(_))));
    assert!(matches!(edit::remove_element("[]", "", 0), Err(EditError::Index { .. })));
}

#[test]
fn a_comment_cannot_break_out() {
    let one_line = edit::insert_element("[]", "", Some("a */ b\nc"), "1").expect("inserted").text;
    assert_eq!(one_line, "[/* a * / b c */ 1]");
    let lines = edit::insert_element("[\n]", "", Some("a\n], // b"), "1").expect("inserted").text;
    assert_eq!(lines, "[\n\t// a\n\t// ], // b\n\t1\n]");
    assert_eq!(edit::remove_element(&lines, "", 0).expect("removed").text, "[\n]");
}
