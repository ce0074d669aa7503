//! The contract of the query language, row by row.

use std::fmt::Write as _;

use proptest::prelude::*;

use super::*;

pub(crate) fn request(text: &str) -> Request {
    Request {
        text: text.to_owned(),
        tab: model::page::Tab::All,
        now: "2025-12-22T12:00:00Z".parse().unwrap(),
        offset: 0,
        count: 10,
        explain: false,
        operators: true,
        languages: Vec::new(),
    }
}

fn describe(expr: &Expr) -> String {
    let list = |parts: &[Expr], sign: &str| {
        let parts: Vec<String> = parts.iter().map(describe).collect();
        format!("({})", parts.join(sign))
    };
    match expr {
        Expr::Everything => "everything".to_owned(),
        Expr::Word(word) => word.clone(),
        Expr::Exact(word) => format!("+{word}"),
        Expr::Prefix(word) => format!("{word}*"),
        Expr::Phrase(forms) => {
            let forms: Vec<&str> = forms.iter().map(|f| f.as_deref().unwrap_or("*")).collect();
            format!("\"{}\"", forms.join(" "))
        }
        Expr::Near(left, right, n) => format!("{} near{n} {}", describe(left), describe(right)),
        Expr::In(scope, inner) => format!("{scope:?}[{}]", describe(inner)).to_lowercase(),
        Expr::And(parts) => list(parts, " & "),
        Expr::Or(parts) => list(parts, " | "),
        Expr::Not(inner) => format!("-{}", describe(inner)),
        Expr::Filter(filter) => describe_filter(filter),
    }
}

fn describe_filter(filter: &Filter) -> String {
    let mut text = if filter.negated { "-" } else { "" }.to_owned();
    match &filter.test {
        Test::Published {
            from,
            until,
            undated,
        } => {
            let day = |day: &Option<i64>| day.map(date::print_day).unwrap_or_default();
            write!(text, "{{published {}..{}", day(from), day(until)).unwrap();
            if *undated != Undated::Exclude {
                write!(text, " {undated:?}").unwrap();
            }
            text.push('}');
        }
        Test::Captured { from, until } => {
            write!(text, "{{captured {from}..{until}}}").unwrap();
        }
        Test::Duration { from, to } => {
            let end = |end: &Option<u32>| end.map(|end| end.to_string()).unwrap_or_default();
            write!(text, "{{duration {}..{}}}", end(from), end(to)).unwrap();
        }
        Test::HasDate => text.push_str("{has date}"),
        Test::HasCaptures => text.push_str("{has captures}"),
        Test::Links(_) => write!(text, "{{links {}}}", operator::print(&filter.test)).unwrap(),
        test => {
            let name = format!("{test:?}");
            let name = name.split('(').next().unwrap().to_lowercase();
            write!(text, "{{{name} {}}}", operator::print(test)).unwrap();
        }
    }
    text
}

/// Expression, then filters, then warnings, each behind a bar.
fn outline(query: &Query) -> String {
    let mut text = describe(&query.expr);
    for filter in &query.filters {
        write!(text, " {}", describe_filter(filter)).unwrap();
    }
    if let Some(instant) = query.as_of {
        write!(text, " asof {instant}").unwrap();
    }
    text
}

#[track_caller]
fn check(text: &str, expected: &str) {
    let query = understand(&request(text));
    assert_eq!(outline(&query), expected, "{text}");
    assert_eq!(query.warnings, Vec::<String>::new(), "{text}");
}

#[track_caller]
fn check_warned(text: &str, expected: &str, warnings: &[&str]) {
    let query = understand(&request(text));
    assert_eq!(outline(&query), expected, "{text}");
    assert_eq!(query.warnings, warnings, "{text}");
}

#[test]
fn words() {
    check("river treaty", "(river & treaty)");
    check("river", "river");
    check("river river", "(river & river)");
    check("river AND treaty", "(river & treaty)");
    check("river OR canal", "(river | canal)");
    check(
        "river and treaty or not",
        "(river & and & treaty & or & not)",
    );
    check("\"river treaty\"", "\"river treaty\"");
    check("“river treaty”", "\"river treaty\"");
    check("„river treaty“ «canal»", "(\"river treaty\" & \"canal\")");
    check("\"river * treaty\"", "\"river * treaty\"");
    check("\"* river *\"", "\"river\"");
    check("+treaty", "+treaty");
    check("river -treaty", "(river & -treaty)");
    check("river NOT treaty", "(river & -treaty)");
    check("river -\"river treaty\"", "(river & -\"river treaty\")");
    check("-draft", "(everything & -draft)");
    check("treat*", "treat*");
    check("tr*", "tr*");
    check("tr*ty", "tr*ty");
    check("river NEAR/8 treaty", "river near8 treaty");
    check("\"big river\" NEAR/8 treat*", "\"big river\" near8 treat*");
    check(
        "(river OR canal) NEAR/3 treaty",
        "(river near3 treaty | canal near3 treaty)",
    );
    check("a1 NEAR/3 b1 NEAR/4 c1", "(a1 near3 b1 & b1 near4 c1)");
    check("e-mail C++ AT&T", "(e-mail & C++ & AT&T)");
    check("Simon & Garfunkel - live", "(Simon & Garfunkel & live)");
    check("a (b OR c) d", "(a & (b | c) & d)");
    check("a b OR c d", "((a & b) | (c & d))");
    check("a OR NOT b", "(a | -b)");
    check("-(a b)", "(everything & -(a & b))");
    check("foo(bar)", "(foo & bar)");
    check("중국 관계", "(중국 & 관계)");
    check("cafe\u{301}", "café");
}

#[test]
fn the_empty_query_finds_nothing() {
    check("", "()");
    check("  ", "()");
    check_warned("\"\"", "()", &["The query holds no letters or digits."]);
    check_warned("?!", "()", &["The query holds no letters or digits."]);
    check_warned("()", "()", &["The query holds no letters or digits."]);
}

#[test]
fn operators_only_where_they_are_meant() {
    for text in [
        "10:30",
        "std::vec",
        "https://example.org",
        "note:",
        "foo:bar",
        "SITE:",
        "x@y.example",
    ] {
        check(text, text);
    }
    check("note: buy milk", "(note: & buy & milk)");
    check("site: example.org", "(site: & example.org)");
    check("SITE:example.org a", "a {site example.org}");
    let plain = Request {
        operators: false,
        ..request("\"a b\" -c site:d.example OR x*")
    };
    assert_eq!(
        outline(&understand(&plain)),
        "(\"a & b\" & -c & site:d.example & OR & x)"
    );
}

#[test]
fn where_from_and_what_kind() {
    check("site:example.org", "everything {site example.org}");
    check("a site:www.Example.org", "a {site example.org}");
    check("a site:*.example.org", "a {site example.org}");
    check("a site:.edu", "a {site edu}");
    check(
        "a site:example.org/reports/",
        "a {site example.org/reports}",
    );
    check(
        "a site:https://example.org/Über",
        "a {site example.org/%C3%9Cber}",
    );
    check("a site:bücher.example", "a {site xn--bcher-kva.example}");
    check(
        "a site:example.org,example.net",
        "a {site example.org, example.net}",
    );
    check("a -site:example.org", "a -{site example.org}");
    check("a NOT site:example.org", "a -{site example.org}");
    check("a collection:x source:\"y z\"", "a {collection x, y z}");
    check("a links:example.org", "a {links example.org}");
    check("a author:\"Ada Lovelace\"", "a {author Ada Lovelace}");
    check(
        "a ext:.PDF filetype:htm",
        "a {extension pdf} {filetype html}",
    );
    check("a kind:discussion,pdf", "a {kind discussion, pdf}");
    check("a has:date has:captures", "a {has date} {has captures}");
    check("a has:date,captures", "(a & ({has date} | {has captures}))");
    check("a lang:pt-BR language:de", "a {language pt, de}");
    check("a lang:deu", "a {language de}");
}

#[test]
fn when_it_was() {
    check("a after:2024-03", "a {published 2024-03-01..}");
    check("a since:7d", "a {published 2025-12-15..}");
    check("a before:2024-03-15", "a {published ..2024-03-15}");
    check("a date:2024", "a {published 2024-01-01..2025-01-01}");
    check(
        "a date:2023-11..2024-02",
        "a {published 2023-11-01..2024-03-01}",
    );
    check(
        "a after:2020 before:2021",
        "a {published 2020-01-01..} {published ..2021-01-01}",
    );
    check(
        "a captured:2021",
        "a {captured 2021-01-01T00:00:00Z..2022-01-01T00:00:00Z}",
    );
    check("a asof:2022-05-01", "a asof 2022-05-01T23:59:59Z");
    check(
        "a asof:2022-05-01 after:7d",
        "a {published 2022-04-24..} asof 2022-05-01T23:59:59Z",
    );
    check(
        "a after:2024 undated:include",
        "a {published 2024-01-01.. Include}",
    );
    check("a undated:only", "a {published .. Only}");
    check("a undated:include", "a");
    let query = understand(&request("a asof:2022-05-01"));
    assert_eq!(query.now.to_string(), "2022-05-01T23:59:59Z");
}

#[test]
fn where_in_the_document() {
    check("intitle:river", "title[river]");
    check("intitle:\"two words\" a", "(title[\"two words\"] & a)");
    check("intitle:a,b", "title[(a | b)]");
    check("-inurl:a b", "(-url[a] & b)");
    check("+inbody:a", "body[+a]");
    check("inpage:treat* inanchor:b", "(page[treat*] & anchor[b])");
}

#[test]
fn several_operators() {
    check(
        "site:a.example x site:b.example",
        "x {site a.example, b.example}",
    );
    check(
        "site:a.example OR site:b.example",
        "everything {site a.example, b.example}",
    );
    check(
        "site:a.example AND site:b.example",
        "everything {site a.example} {site b.example}",
    );
    check(
        "site:a.example OR intitle:b",
        "({site a.example} | title[b])",
    );
    check(
        "x (site:a.example OR kind:pdf)",
        "(x & ({site a.example} | {kind pdf}))",
    );
    check("x OR y site:a.example", "(x | (y & {site a.example}))");
    check("(x OR y) site:a.example", "(x | y) {site a.example}");
    check("(x site:a.example)", "x {site a.example}");
    check(
        "-site:a.example -site:b.example site:c.example",
        "everything -{site a.example, b.example} {site c.example}",
    );
    check(
        "-(site:a.example x)",
        "(everything & -(x & {site a.example}))",
    );
}

#[test]
fn the_examples_of_the_contract() {
    check(
        "dam safety report filetype:pdf after:2019",
        "(dam & safety & report) {filetype pdf} {published 2019-01-01..}",
    );
    check(
        "\"toxic sludge\" (river OR canal) -site:example.com",
        "(\"toxic sludge\" & (river | canal)) -{site example.com}",
    );
    check(
        "intitle:minutes inbody:\"budget cut\" site:example.org/council",
        "(title[minutes] & body[\"budget cut\"]) {site example.org/council}",
    );
    check(
        "lang:de,fr kind:discussion forum:baumeister heat pump noise",
        "(heat & pump & noise) {language de, fr} {kind discussion} {forum baumeister}",
    );
    check(
        "channel:\"northern news\" channel:vtv duration:<5m dam",
        "dam {channel northern news, vtv} {duration ..299}",
    );
    check_warned(
        "duration:long dam",
        "(duration & long & dam)",
        &["`long` is no length for `duration:`; it was read as plain words."],
    );
    check_warned(
        "entity:dam river",
        "(entity & dam & river)",
        &["`entity:` is not known yet; it was read as plain words."],
    );
    check(
        "merger NEAR/12 pension source:leak-2023 undated:include",
        "merger near12 pension {collection leak-2023}",
    );
    check(
        "asof:2021-02-01 site:example.net/staff",
        "everything {site example.net/staff} asof 2021-02-01T23:59:59Z",
    );
}

#[test]
fn what_cannot_be_read_as_written_is_read_as_words() {
    check_warned(
        "a \"b c",
        "(a & \"b c\")",
        &["A quotation mark was not closed; it was closed at the end."],
    );
    check_warned(
        "a (b OR c",
        "(a & (b | c))",
        &["A parenthesis was not closed; it was closed at the end."],
    );
    check_warned(
        "a) b",
        "(a & b)",
        &["A closing parenthesis closes nothing; it was left out."],
    );
    check_warned(
        "AND a",
        "(AND & a)",
        &["`AND` has nothing to join here; it was read as a word."],
    );
    check_warned(
        "a OR",
        "(a & OR)",
        &["`OR` has nothing to join here; it was read as a word."],
    );
    check_warned(
        "a NOT",
        "(a & NOT)",
        &["`NOT` has nothing to join here; it was read as a word."],
    );
    check_warned(
        "NEAR/3 a",
        "(NEAR/3 & a)",
        &["`NEAR/3` has nothing to join here; it was read as a word."],
    );
    check_warned(
        "a NEAR/500 b",
        "a near100 b",
        &["`NEAR` reaches from 1 to 100 words; 100 was taken."],
    );
    check_warned(
        "a NEAR/5 (b c)",
        "(a & b & c)",
        &["`NEAR` joins words and phrases only; it was read as `AND`."],
    );
    check_warned(
        "a after:soon",
        "(a & after & soon)",
        &["`soon` is no date for `after:`; it was read as plain words."],
    );
    check_warned(
        "kind:sonnet",
        "(kind & sonnet)",
        &["`sonnet` is no value of `kind:`; it was read as plain words."],
    );
    check_warned(
        "kind:pdf,sonnet",
        "everything {kind pdf}",
        &["`sonnet` is no value of `kind:`; it was left out."],
    );
    check_warned(
        "has:transcript",
        "(has & transcript)",
        &["`has:transcript` is not known yet; it was read as plain words."],
    );
    check_warned(
        "location:ca",
        "(location & ca)",
        &["`loc:` is not known yet; it was read as plain words."],
    );
    check_warned(
        "@reports a",
        "(@reports & a)",
        &["There is no scope `@reports`; it was read as a word."],
    );
    check_warned(
        "-asof:2020 a",
        "a",
        &["`asof:` cannot be excluded; it was left out."],
    );
}

#[test]
fn limits() {
    let many = vec!["word"; 200].join(" ");
    let query = understand(&request(&many));
    assert!(matches!(&query.expr, Expr::And(parts) if parts.len() == lex::MAX_TERMS));
    assert_eq!(query.warnings.len(), 1);
    let long = "é".repeat(3_000);
    let query = understand(&request(&long));
    assert!(matches!(&query.expr, Expr::Word(word) if word.chars().count() == lex::MAX_CHARACTERS));
    assert_eq!(query.warnings.len(), 1);
    let deep = format!("{}a{} b", "(".repeat(40), ")".repeat(40));
    check_warned(
        &deep,
        "(a & b)",
        &["Parentheses deeper than 16 levels were left out."],
    );
}

#[test]
fn the_query_without_a_filter() {
    let rows: &[(&str, &[&str])] = &[
        ("a site:b.example c", &["a c"]),
        ("site:b.example c", &["c"]),
        ("a  b site:b.example", &["a  b"]),
        ("a site:b.example x site:c.example y", &["a x y"]),
        ("a AND site:b.example AND c", &["a AND c"]),
        ("site:b.example AND c", &["c"]),
        ("a AND site:b.example", &["a"]),
        ("a -site:b.example", &["a"]),
        ("a NOT site:b.example", &["a"]),
        ("a (site:b.example)", &["a"]),
        ("(a site:b.example) c", &["(a) c"]),
        ("a after:2020 kind:pdf", &["a kind:pdf", "a after:2020"]),
        ("a asof:2020 kind:pdf", &["a asof:2020", "a kind:pdf"]),
        ("site:b.example", &[""]),
        ("a undated:only", &["a"]),
        ("LAND site:b.example x", &["LAND x"]),
    ];
    for (text, expected) in rows {
        let reading = read(&request(text));
        let found: Vec<&str> = reading.written.iter().map(|w| w.without.as_str()).collect();
        assert_eq!(&found, expected, "{text}");
    }
}

#[test]
fn what_may_be_let_go() {
    let rows: &[(&str, &[&str])] = &[
        ("a b", &["a", "b"]),
        ("a AND b c", &["c"]),
        ("a +b \"c\" -d intitle:e", &["a"]),
        ("(a b) c", &["a", "b", "c"]),
        ("+(a b) c", &["c"]),
        ("a OR b", &[]),
    ];
    for (text, expected) in rows {
        let reading = read(&request(text));
        let found: Vec<&str> = reading
            .members
            .iter()
            .filter(|m| m.relaxable)
            .map(|m| m.text.as_str())
            .collect();
        assert_eq!(&found, expected, "{text}");
    }
}

fn odd_query() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        "\\PC{0,8}",
        "[a-z]{1,4}",
        Just("AND".to_owned()),
        Just("OR".to_owned()),
        Just("NOT".to_owned()),
        Just("NEAR/3".to_owned()),
        Just("(".to_owned()),
        Just(")".to_owned()),
        Just("\"".to_owned()),
        Just("-".to_owned()),
        Just("+".to_owned()),
        Just("*".to_owned()),
        Just("site:a.example,b".to_owned()),
        Just("after:2020".to_owned()),
        Just("asof:2021-02".to_owned()),
        Just("undated:only".to_owned()),
        Just("has:date,captures".to_owned()),
        Just("intitle:\"x y\"".to_owned()),
    ];
    prop::collection::vec((piece, prop_oneof![Just(" "), Just("")]), 0..40)
        .prop_map(|pieces| pieces.into_iter().map(|(a, b)| a + b).collect())
}

proptest! {
    #[test]
    fn any_text_is_a_query(text in odd_query()) {
        let reading = read(&request(&text));
        prop_assert_eq!(&reading.query.text, &text);
        let with_as_of = usize::from(reading.query.as_of.is_some());
        prop_assert_eq!(reading.written.len(), reading.query.filters.len() + with_as_of);
        for written in &reading.written {
            // Taking a filter away adds nothing and leaves a query, though perhaps one with
            // more filters: what stood in an `OR` may stand alone now.
            prop_assert!(written.without.len() <= text.len());
            let _again = read(&request(&written.without));
        }
    }

    #[test]
    fn any_characters_are_a_query(text in any::<String>()) {
        let _query = understand(&request(&text));
        let _plain = understand(&Request { operators: false, ..request(&text) });
    }

    #[test]
    fn taking_a_filter_away_keeps_the_rest(
        before in "[a-z]{1,5}( [a-z]{1,5}){0,3}",
        after in "( [a-z]{1,5}){0,3}",
    ) {
        let reading = read(&request(&format!("{before} site:a.example{after}")));
        prop_assert_eq!(&reading.written[0].without, &format!("{before}{after}"));
    }
}
