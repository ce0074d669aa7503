//! What snippets look like, row by row.

use super::*;
use crate::terms::Terms;
use crate::understand::tests::request;
use proptest::prelude::*;

fn passage(text: &str) -> Passage {
    Passage {
        text: text.to_owned(),
        heading: None,
        locator: Locator::Top,
        post: None,
    }
}

fn make(query: &str, language: &str, texts: &[&str], description: Option<&str>) -> Snippet {
    let expr = crate::understand(&request(query)).expr;
    let terms = Terms::of(&expr, &mut |word| word.len() as f32);
    let passages: Vec<Numbered> = (0..).zip(texts.iter().map(|t| passage(t))).collect();
    let sources = Sources {
        passages: &passages,
        opening: &passages,
        description,
        title: "The title",
    };
    snippet(&sources, &terms.in_language(Some(language))).0
}

/// As renderers join it, marks in brackets, `|` where text was cut off.
fn show(snippet: &Snippet) -> String {
    let shown: Vec<String> = snippet
        .fragments
        .iter()
        .map(|fragment| {
            let mut text = String::new();
            let mut behind = 0;
            for mark in &fragment.marks {
                text.push_str(fragment.text.get(behind..mark.start).unwrap());
                text.push('[');
                text.push_str(fragment.text.get(mark.clone()).unwrap());
                text.push(']');
                behind = mark.end;
            }
            text.push_str(fragment.text.get(behind..).unwrap());
            let before = if fragment.cut_before { "|" } else { "" };
            let after = if fragment.cut_after { "|" } else { "" };
            format!("{before}{text}{after}")
        })
        .collect();
    shown.join(" ... ")
}

#[track_caller]
fn check(query: &str, texts: &[&str], expected: &str) {
    assert_eq!(show(&make(query, "en", texts, None)), expected);
}

#[test]
fn what_matches_by_its_title_alone_shows_how_it_begins() {
    let passages = [(0, passage("The title\nA report about salt and herring."))];
    let expr = crate::understand(&request("\"the title\"")).expr;
    let terms = Terms::of(&expr, &mut |word| word.len() as f32);
    let sources = Sources {
        passages: &passages,
        opening: &[],
        description: None,
        title: "The title",
    };
    let (found, _) = snippet(&sources, &terms.in_language(Some("en")));
    assert_eq!(show(&found), "A report about salt and herring.");
    assert_eq!(found.passage, Some(0));
}

#[test]
fn short_text_is_shown_whole() {
    check(
        "river",
        &["The Rivers rise.\nA canal was dug."],
        "The [Rivers] rise. A canal was dug.",
    );
}

const FILLER: &str = "Nothing of that kind was written down by anybody in those years, as far as \
    the archive of the port authority shows today. ";

#[test]
fn sentences_that_answer_are_found_in_long_text() {
    let f = FILLER;
    let long = format!(
        "{f}{f}Mr. Tal of the U.S. signed the river treaty in spring.[47] {f}{f}{f}{f}The canal \
         came later. {f}{f}"
    );
    let shown = show(&make("river treaty canal", "en", &[&long], None));
    assert!(
        shown.starts_with("|Mr. Tal of the U.S. signed the [river] [treaty] in spring. Noth"),
        "{shown}"
    );
    assert!(
        shown.ends_with("... |The [canal] came later.|") || shown.contains("|The [canal]"),
        "{shown}"
    );
}

#[test]
fn passages_that_follow_each_other_join() {
    check(
        "river",
        &["The river rises.", "It falls again."],
        "The [river] rises. It falls again.",
    );
}

#[test]
fn the_title_is_not_repeated_and_headings_come_last() {
    let text =
        format!("The title\nRiver\nA river rises here in the hills. {FILLER}{FILLER}{FILLER}");
    let shown = show(&make("river", "en", &[&text], None));
    assert!(shown.contains("A [river] rises here"), "{shown}");
}

#[test]
fn without_a_match_the_description_or_the_beginning() {
    let with = make("absent", "en", &["The text."], Some("What the  page says."));
    assert_eq!(show(&with), "What the page says.");
    assert_eq!(with.passage, None);
    check(
        "absent",
        &["The text.", "More of it."],
        "The text. More of it.",
    );
    assert_eq!(show(&make("absent", "en", &[], None)), "");
}

#[test]
fn long_sentences_are_cut_at_words() {
    let long = format!(
        "{} the river, {} end.",
        "many words and more, ".repeat(30),
        "some other ".repeat(60)
    );
    let snippet = make("river", "en", &[&long], None);
    let fragment = &snippet.fragments[0];
    assert!(fragment.text.len() <= WIDEST && fragment.text.len() >= FILLED);
    for word in fragment
        .text
        .split([' ', ',', '.'])
        .filter(|word| !word.is_empty())
    {
        assert!(
            [
                "many", "words", "and", "more", "the", "river", "some", "other", "end"
            ]
            .contains(&word),
            "{word}"
        );
    }
    assert!(fragment.cut_before && fragment.cut_after);
}

#[test]
fn scripts_without_spaces_are_cut_between_words() {
    let thai = "ภาษาไทยเป็นภาษาที่ง่าย".repeat(40);
    let snippet = make("ไทย", "th", &[&thai], None);
    let text = &snippet.fragments[0].text;
    assert!(
        width(text) <= WIDEST && width(text) >= FILLED,
        "{}",
        width(text)
    );
    assert!(!snippet.fragments[0].marks.is_empty());
    let chinese = "我在北京大学读书，他在上海工作，我们都很忙，但是每个周末都会见面。".repeat(20);
    let snippet = make("上海", "zh", &[&chinese], None);
    let text = &snippet.fragments[0].text;
    assert!(width(text) <= WIDEST && width(text) >= FILLED);
    assert!(text.contains("上海") && !snippet.fragments[0].marks.is_empty());
    let arabic = "وقعت الدولتان معاهدة النهر في الربيع. ".repeat(30);
    assert!(show(&make("معاهدة", "ar", &[&arabic], None)).contains("[معاهدة]"));
}

#[test]
fn citation_marks_go_and_code_stays() {
    let rows = [
        ("A war.[47][48] Then", "A war. Then"),
        ("A war [12] began[a]", "A war began"),
        ("It is so.[citation needed] Yes", "It is so. Yes"),
        ("as said.[3]: 25–26 Then", "as said. Then"),
        ("[1] First", "[1] First"),
        ("let a[0] = b", "let a[0] = b"),
        ("[sic]", "[sic]"),
    ];
    for (text, expected) in rows {
        assert_eq!(without_citations(text), expected);
    }
}

#[test]
fn data_without_words_is_cut() {
    let snippet = make(
        "river",
        "en",
        &[&format!("river {}", "x".repeat(9_000))],
        None,
    );
    let total: usize = snippet.fragments.iter().map(|f| width(&f.text)).sum();
    assert!(total <= WIDEST + 10, "{total}");
}

proptest! {
    #[test]
    fn any_text_gives_a_proper_snippet(
        texts in prop::collection::vec("(\\PC{0,40}|[a-z .,\n]{0,200}|[一-三、。 ]{0,80}){0,4}", 0..4),
        query in "([a-z]{1,2}|一|二三)( [a-z]|\\PC){0,2}",
    ) {
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        let snippet = make(&query, "en", &texts, None);
        let mut total = 0;
        for fragment in &snippet.fragments {
            total += width(&fragment.text);
            prop_assert!(!fragment.text.contains('\n'));
            let mut behind = 0;
            for mark in &fragment.marks {
                prop_assert!(mark.start >= behind && mark.end > mark.start);
                prop_assert!(fragment.text.get(mark.clone()).is_some());
                behind = mark.end;
            }
        }
        prop_assert!(total <= WIDEST + MAX_FRAGMENTS, "{}", total);
    }
}

#[test]
fn a_run_in_which_no_word_ends_is_shown_around_its_mark() {
    let run = format!("{}zebraword/{}", "A9b/".repeat(200), "x9Y/".repeat(90));
    let snippet = make("zebraword", "en", &[&run], None);
    let wide: usize = snippet
        .fragments
        .iter()
        .map(|fragment| width(&fragment.text))
        .sum();
    assert!(wide <= WIDEST, "{wide}");
    let fragment = &snippet.fragments[0];
    assert!(fragment.text.contains("zebraword"), "{}", fragment.text);
    assert!(fragment.cut_before && fragment.cut_after);
    assert_eq!(fragment.marks.len(), 1);
}

#[test]
fn a_grapheme_that_never_ends_is_cut() {
    for text in ["a", "river a", "a river"] {
        let run = format!("{text}{}", "\u{301}".repeat(5_000));
        let snippet = make("river", "en", &[&run], None);
        let fragments = snippet.fragments.iter();
        let wide: usize = fragments.map(|fragment| width(&fragment.text)).sum();
        assert!(wide <= WIDEST, "{text}: {wide}");
    }
}

#[test]
fn running_text_comes_before_lists_of_sources() {
    let between = "Its banks are low in summer, and in autumn it floods the fields on both sides. ";
    let text = format!(
        "River treaty, https://example.org/a-long-address/of-a-text.html (1). {}The river treaty \
         was signed in spring by both sides, after years of talks.",
        between.repeat(6)
    );
    let shown = show(&make("river treaty", "en", &[&text], None));
    assert!(
        shown.ends_with(
            "The [river] [treaty] was signed in spring by both sides, after years of talks."
        ),
        "{shown}"
    );
    assert!(!shown.contains("https:"), "{shown}");
}
