//! Rows of videos and blocks of discussions: where they stand, what they show, and what is asked
//! for alone.

use std::fmt::Write as _;
use std::sync::Arc;

use engine::View;
use expect_test::{Expect, expect};
use model::document::Locator;
use model::hit::Fragment;
use model::page::{Block, Comment, DiscussionCard, ResultsPage, Tab, VideoCard};
use search::Request;

use crate::collection::{Page, request, view};

fn marked(fragment: &Fragment) -> String {
    let mut text = String::new();
    let mut behind = 0;
    for mark in &fragment.marks {
        write!(
            text,
            "{}[{}]",
            fragment.text.get(behind..mark.start).unwrap(),
            fragment.text.get(mark.clone()).unwrap()
        )
        .unwrap();
        behind = mark.end;
    }
    text + fragment.text.get(behind..).unwrap()
}

fn joined(fragments: &[Fragment]) -> String {
    let texts: Vec<String> = fragments.iter().map(marked).collect();
    texts.join(" ... ")
}

fn place(locator: &Locator) -> String {
    match locator {
        Locator::Top => "top".to_owned(),
        Locator::Seconds(second) => format!("{second} s"),
        Locator::Comment(link) => link.clone(),
        other => format!("{other:?}"),
    }
}

fn video(card: &VideoCard) -> String {
    format!("{} @{}", card.title, place(&card.locator))
}

fn thread(card: &DiscussionCard) -> String {
    format!("{} ({} answers)", card.title, card.answers)
}

/// The blocks of a page, one per line.
fn describe(page: &ResultsPage) -> String {
    let mut text = String::new();
    for block in &page.blocks {
        match block {
            Block::Web(result) => {
                let badge = result.badge.as_deref().unwrap_or("web");
                writeln!(text, "{badge}: {}", result.title).unwrap();
            }
            Block::Videos(row) => {
                let videos: Vec<String> = row.videos.iter().map(video).collect();
                let word = if row.is_main { "VIDEOS" } else { "videos" };
                writeln!(text, "{word}: {}", videos.join(" | ")).unwrap();
            }
            Block::Discussions(block) => {
                let threads: Vec<String> = block.threads.iter().map(thread).collect();
                let word = if block.is_main {
                    "DISCUSSIONS"
                } else {
                    "discussions"
                };
                writeln!(text, "{word}: {}", threads.join(" | ")).unwrap();
            }
            _ => panic!("an unknown block"),
        }
    }
    text
}

#[track_caller]
fn check(view: &Arc<dyn View>, request: &Request, expected: &Expect) {
    let page = search::search(&**view, request).unwrap();
    assert_eq!(page, search::search(&**view, request).unwrap());
    expected.assert_eq(&describe(&page));
}

/// Pages that say less and less of the harbour treaty.
fn web() -> Vec<Page> {
    let page = |number: usize, title: &str, text: &str| {
        Page::new(&format!("https://site{number}.example/page"), title, text)
    };
    let filler = "The council met in the morning and spoke of roads, schools, the winter and \
                  many other things that nobody wrote down. ";
    vec![
        page(
            1,
            "Harbour treaty of Istmere",
            "The harbour treaty of Istmere in full.",
        ),
        page(
            2,
            "Harbour treaty",
            &format!("On the harbour treaty. {filler}"),
        ),
        page(
            3,
            "Treaties",
            &format!("{filler}The harbour treaty was signed."),
        ),
        page(
            4,
            "Minutes",
            &format!("{filler}{filler}A treaty on a harbour was named once."),
        ),
        page(
            5,
            "Notes",
            &format!("{filler}{filler}{filler}The harbour. A treaty."),
        ),
        page(
            6,
            "Diary",
            &format!("{filler}{filler}{filler}{filler}Treaty talks, harbour fog."),
        ),
    ]
}

fn with(others: Vec<Page>) -> Arc<dyn View> {
    let mut pages = web();
    pages.extend(others);
    view(pages)
}

#[test]
fn a_row_stands_where_its_evidence_puts_it() {
    let filler = "we walk along the coast and talk about boats birds bread and the old days ";
    let strong = |id: &str| {
        Page::video(
            id,
            "Harbour treaty",
            &[(0, "The harbour treaty of Istmere.")],
        )
    };
    let first = vec![
        strong("a1"),
        strong("a2").with(|d| d.title = "Harbour treaty two".into()),
    ];
    check(
        &with(first),
        &request("harbour treaty"),
        &expect![[r"
            videos: Harbour treaty @top | Harbour treaty two @top
            web: Harbour treaty of Istmere
            web: Harbour treaty
            web: Treaties
            web: Notes
            web: Minutes
            web: Diary
        "]],
    );
    let middling = |id: &str, title: &str| {
        let text = format!("{filler}and here is the harbour treaty {title} {filler}");
        Page::video(id, title, &[(0, &text)])
    };
    let third = vec![
        middling("b1", "Treaty signed"),
        middling("b2", "Treaty of the ports"),
        middling("b3", "Harbour walk"),
    ];
    check(
        &with(third),
        &request("harbour treaty"),
        &expect![[r"
            web: Harbour treaty of Istmere
            web: Harbour treaty
            web: Treaties
            videos: Treaty of the ports @top | Harbour walk @top | Treaty signed @top
            web: Notes
            web: Minutes
            web: Diary
        "]],
    );
    let weak = |id: &str, title: &str| {
        let text = format!("a treaty {filler} a harbour {title}");
        Page::video(id, title, &[(0, &text)])
    };
    let late = vec![weak("c1", "Coast walk"), weak("c2", "Boats and birds")];
    check(
        &with(late),
        &request("harbour treaty"),
        &expect![[r"
            web: Harbour treaty of Istmere
            web: Harbour treaty
            web: Treaties
            web: Notes
            web: Minutes
            videos: Boats and birds @top | Coast walk @top
            web: Diary
        "]],
    );
    let poor = |id: &str| {
        let text = format!(
            "{filler}{filler}{id} {filler}{filler}a harbour {id} {filler}{id} {filler}{filler}a treaty"
        );
        Page::video(id, id, &[(0, &text)])
    };
    check(
        &with(vec![poor("Boats"), poor("Birds")]),
        &request("harbour treaty"),
        &expect![[r"
            web: Harbour treaty
            web: Harbour treaty of Istmere
            web: Treaties
            web: Notes
            web: Minutes
            web: Diary
            video: Birds
            video: Boats
        "]],
    );
    // One alone is a result like any other.
    check(
        &with(vec![strong("d1")]),
        &request("harbour treaty"),
        &expect![[r"
            video: Harbour treaty
            web: Harbour treaty of Istmere
            web: Harbour treaty
            web: Treaties
            web: Notes
            web: Minutes
            web: Diary
        "]],
    );
    check(
        &with(Vec::new()),
        &request("harbour treaty"),
        &expect![[r"
            web: Harbour treaty of Istmere
            web: Harbour treaty
            web: Treaties
            web: Notes
            web: Minutes
            web: Diary
        "]],
    );
}

fn both() -> Arc<dyn View> {
    let mut pages = web();
    for number in 0..8 {
        let text = format!("Speaker {number} explains the harbour treaty.");
        let title = format!("Harbour treaty, part {number}");
        pages.push(Page::video(
            &format!("v{number}"),
            &title,
            &[(0, "Good day."), (4 + number, &text)],
        ));
    }
    for number in 0..6_i32 {
        let answer = format!("In year {number} the harbour treaty was renewed.");
        pages.push(Page::thread(
            &format!("t{number}"),
            &format!("Is the harbour treaty still kept in year {number}?"),
            &[(1, number, &answer), (1, 3, "Nobody knows.")],
        ));
    }
    view(pages)
}

#[test]
fn clusters_are_cut_and_the_rest_stays() {
    let view = both();
    check(
        &view,
        &request("harbour treaty"),
        &expect![[r"
            web: Harbour treaty of Istmere
            web: Harbour treaty
            videos: Harbour treaty, part 1 @5 s | Harbour treaty, part 7 @11 s | Harbour treaty, part 6 @10 s | Harbour treaty, part 0 @4 s | Harbour treaty, part 4 @8 s | Harbour treaty, part 2 @6 s
            video: Harbour treaty, part 5
            video: Harbour treaty, part 3
            discussions: Is the harbour treaty still kept in year 2? (2 answers) | Is the harbour treaty still kept in year 1? (2 answers) | Is the harbour treaty still kept in year 5? (2 answers) | Is the harbour treaty still kept in year 3? (2 answers)
            discussion: Is the harbour treaty still kept in year 0?
            discussion: Is the harbour treaty still kept in year 4?
            web: Treaties
            web: Notes
            web: Minutes
            web: Diary
        "]],
    );
    let second = Request {
        offset: 10,
        ..request("harbour treaty")
    };
    check(&view, &second, &expect![""]);
}

#[test]
fn a_kind_that_is_asked_for_is_the_page() {
    let view = both();
    let three = |text: &str, tab: Tab| Request {
        count: 3,
        tab,
        ..request(text)
    };
    check(
        &view,
        &three("harbour kind:video", Tab::All),
        &expect![[r"
            VIDEOS: Harbour treaty, part 1 @5 s | Harbour treaty, part 7 @11 s | Harbour treaty, part 6 @10 s
        "]],
    );
    check(
        &view,
        &three("harbour", Tab::Videos),
        &expect![[r"
            VIDEOS: Harbour treaty, part 1 @5 s | Harbour treaty, part 7 @11 s | Harbour treaty, part 6 @10 s
        "]],
    );
    check(
        &view,
        &Request {
            offset: 6,
            ..three("harbour", Tab::Videos)
        },
        &expect![[r"
            VIDEOS: Harbour treaty, part 5 @9 s | Harbour treaty, part 3 @7 s
        "]],
    );
    check(
        &view,
        &three("harbour", Tab::Discussions),
        &expect![[r"
        DISCUSSIONS: Is the harbour treaty still kept in year 2? (2 answers) | Is the harbour treaty still kept in year 1? (2 answers) | Is the harbour treaty still kept in year 5? (2 answers)
    "]],
    );
    check(
        &view,
        &three("harbour", Tab::Web),
        &expect![[r"
            web: Harbour treaty of Istmere
            web: Harbour treaty
            web: Treaties
        "]],
    );
    check(&view, &three("harbour", Tab::Pdfs), &expect![""]);
    check(
        &view,
        &three("harbour kind:video,discussion", Tab::All),
        &expect![[r"
            videos: Harbour treaty, part 1 @5 s | Harbour treaty, part 7 @11 s | Harbour treaty, part 6 @10 s | Harbour treaty, part 0 @4 s | Harbour treaty, part 4 @8 s | Harbour treaty, part 2 @6 s
            video: Harbour treaty, part 5
            video: Harbour treaty, part 3
            discussions: Is the harbour treaty still kept in year 2? (2 answers) | Is the harbour treaty still kept in year 1? (2 answers) | Is the harbour treaty still kept in year 5? (2 answers) | Is the harbour treaty still kept in year 3? (2 answers)
            discussion: Is the harbour treaty still kept in year 0?
        "]],
    );
}

#[test]
fn operators_of_videos_and_discussions() {
    let of = |id: &str, channel: &str, seconds: u32| {
        Page::video(id, &format!("Harbour {id}"), &[(0, "On the harbour.")]).with(|document| {
            document.kind = model::document::DocumentKind::Video {
                duration_seconds: Some(seconds),
                channel: Some(channel.to_owned()),
                automatic: false,
            };
        })
    };
    let mut pages = vec![
        of("short", "Northern News", 200),
        of("long", "Istmere TV", 4000),
    ];
    pages.push(Page::thread("t", "Harbour", &[(1, 1, "On the harbour.")]));
    let view = view(pages);
    for (query, expected) in [
        ("harbour channel:news", "video: Harbour short\n"),
        ("harbour channel:\"istmere tv\"", "video: Harbour long\n"),
        ("harbour forum:veldania", "discussion: Harbour\n"),
        ("harbour duration:<5m", "video: Harbour short\n"),
        ("harbour duration:1h..2h", "video: Harbour long\n"),
        ("harbour duration:>2h", ""),
    ] {
        let page = search::search(&*view, &request(query)).unwrap();
        assert_eq!(describe(&page), expected, "{query}");
    }
}

#[test]
fn what_holds_some_words_may_stand_in_a_row() {
    let mut pages: Vec<Page> = (0..12)
        .map(|number| {
            let url = format!("https://site{number}.example/");
            let text = format!(
                "In the year {number} a keeper asked for wages. {0}{0}The lighthouse was dark \
                 then. {0}All of Aldmark talked.",
                "The council met and spoke of roads, schools and the winter. "
            );
            Page::new(&url, &format!("Minutes {number}"), &text)
        })
        .collect();
    for title in [
        "The lighthouse keeper of Aldmark",
        "A keeper of the Aldmark lighthouse",
        "Wages",
    ] {
        pages.push(Page::video(title, title, &[(0, title)]));
    }
    // Three words of four are enough, one is not; what stands in no row is not on the page.
    check(
        &view(pages),
        &Request {
            count: 20,
            ..request("lighthouse keeper aldmark wages")
        },
        &expect![[r"
            videos: The lighthouse keeper of Aldmark @top | A keeper of the Aldmark lighthouse @top
            web: Minutes 3
            web: Minutes 2
            web: Minutes 10
            web: Minutes 7
            web: Minutes 0
            web: Minutes 4
            web: Minutes 11
            web: Minutes 9
            web: Minutes 1
            web: Minutes 5
            web: Minutes 6
            web: Minutes 8
        "]],
    );
}

fn only_video(view: &Arc<dyn View>, text: &str) -> VideoCard {
    let asked = Request {
        tab: Tab::Videos,
        ..request(text)
    };
    let page = search::search(&**view, &asked).unwrap();
    match page.blocks.into_iter().next() {
        Some(Block::Videos(row)) => row.videos.into_iter().next().unwrap(),
        other => panic!("{other:?}"),
    }
}

fn only_thread(view: &Arc<dyn View>, text: &str) -> DiscussionCard {
    let asked = Request {
        tab: Tab::Discussions,
        ..request(text)
    };
    let page = search::search(&**view, &asked).unwrap();
    match page.blocks.into_iter().next() {
        Some(Block::Discussions(block)) => block.threads.into_iter().next().unwrap(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_video_opens_at_the_second() {
    let spoken = [
        (0, "Good evening from the port of Aldmark."),
        (
            60,
            "The ministers arrived by ship. They ate fish soup. We turn to the river treaty now.",
        ),
        (80, "The weather will be mild."),
    ];
    let mut page = Page::video("abc", "Evening news", &spoken);
    page.document.thumbnail = Some("https://pictures.example/abc.webp".to_owned());
    page.pictures = vec!["https://pictures.example/abc.webp".to_owned()];
    let view = view(vec![page]);
    let card = only_video(&view, "river treaty");
    assert_eq!(
        joined(&card.snippet.fragments),
        "We turn to the [river] [treaty] now."
    );
    // Nine seconds are enough for the passage, and three fifths of it stand before the sentence.
    assert_eq!(card.locator, Locator::Seconds(65));
    assert_eq!(card.snippet.passage, Some(1));
    assert_eq!(card.channel.as_deref(), Some("Northern News"));
    assert_eq!(card.duration_seconds, Some(231));
    assert!(card.thumbnail.is_some());
    // Nothing that is said matches.
    let card = only_video(&view, "news");
    assert_eq!(card.locator, Locator::Top);
}

fn said(comments: &[Comment]) -> Vec<String> {
    comments
        .iter()
        .map(|comment| joined(&comment.fragments))
        .collect()
}

#[test]
fn a_discussion_is_answered_by_its_comments() {
    let view = view(vec![
        Page::thread(
            "title",
            "Who built the lighthouse of Aldmark?",
            &[
                (1, 2, "My uncle says it was always there."),
                (2, 40, "Masons from Istmere, in 1820."),
                (1, 7, "Read the plate at its door."),
            ],
        ),
        Page::thread(
            "question",
            "A question on fog",
            &[
                (
                    0,
                    5,
                    "What is the fog horn of Aldmark for? Does the fog horn scare birds?",
                ),
                (1, 3, "The weather is bad there."),
                (
                    1,
                    9,
                    "The fog horn warns ships; birds do not mind the horn.",
                ),
            ],
        ),
    ]);
    let card = only_thread(&view, "who built the lighthouse of aldmark");
    assert_eq!(
        said(&card.comments),
        [
            "Masons from Istmere, in 1820.",
            "Read the plate at its door.",
            "My uncle says it was always there."
        ]
    );
    let best = "https://www.reddit.com/r/veldania/comments/title/c1/";
    assert_eq!(card.locator, Locator::Comment(best.to_owned()));
    assert_eq!((card.site.as_str(), card.answers), ("reddit.com", 3));
    let card = only_thread(&view, "fog horn");
    assert!(said(&card.comments)[0].starts_with("The [fog] [horn] warns ships"));
    assert!(!card.comments[0].opening);
}

#[test]
fn an_excerpt_has_its_measure() {
    let long = "The harbour treaty is kept by both sides and renewed in every spring. ".repeat(40);
    let posts: Vec<(u32, i32, &str)> = (0..20).map(|number| (1, number, long.as_str())).collect();
    let view = view(vec![Page::thread("long", "Harbour", &posts)]);
    let card = only_thread(&view, "harbour treaty");
    let length: usize = card
        .comments
        .iter()
        .flat_map(|comment| &comment.fragments)
        .map(|fragment| fragment.text.chars().count())
        .sum();
    assert!((500..=1_000).contains(&length), "{length}");
}
