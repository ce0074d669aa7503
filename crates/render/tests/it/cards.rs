//! Invented videos and discussions, and the copies of one of each.

use model::capture::CaptureId;
use model::document::{DocumentId, Locator, Post};
use model::hit::{Feature, Fragment, Snippet};
use model::page::{
    Comment, Copy, DateKind, DiscussionCard, Discussions, ShownDate, VideoCard, VideoRow,
};
use render::{CopyPage, CopyPassage};

use crate::pages::{fragment, kept};

fn video(number: u8, url: &str, title: &str, at: u32, said: &str) -> VideoCard {
    VideoCard {
        document: DocumentId([number; 16]),
        url: url.to_owned(),
        locator: match at {
            0 => Locator::Top,
            at => Locator::Seconds(at),
        },
        copy: Some(Copy::Document(DocumentId([number; 16]))),
        captured: "2025-12-20T10:00:00Z".parse().unwrap(),
        thumbnail: None,
        duration_seconds: None,
        title: title.to_owned(),
        channel: None,
        site_name: "Youtube".to_owned(),
        host: url
            .split('/')
            .nth(2)
            .unwrap()
            .trim_start_matches("www.")
            .to_owned(),
        language: Some("en".to_owned()),
        date: None,
        snippet: Snippet {
            fragments: vec![fragment(said)],
            locator: Locator::Seconds(at),
            passage: Some(3),
        },
        automatic: false,
        explanation: vec![],
        score: 1.0,
    }
}

/// A row: with and without picture, length, channel, transcript; on sites that are told the second
/// and on one that is not; right to left.
pub(crate) fn videos() -> VideoRow {
    let mut ministers = video(
        61,
        "https://www.youtube.com/watch?v=vi1",
        "Ministers of Veldania and Istmere Meet in the Port of Aldmark for the First Time",
        65,
        "We turn to the [relationship] between the two countries, which has outlived four \
         governments.",
    );
    ministers.duration_seconds = Some(231);
    ministers.channel = Some("Channel Nine".to_owned());
    ministers.thumbnail = Some(CaptureId([90; 16]));
    ministers.date = Some(ShownDate {
        date: "2025-11-20".parse().unwrap(),
        kind: DateKind::Published,
    });
    ministers.explanation = vec![model::hit::Evidence {
        feature: Feature::Text,
        value: 0.5,
        weight: 2.0,
    }];
    let mut long = video(
        62,
        "https://videos.example/watch/7",
        "Water, borders and the new Istmere: a long conversation",
        1334,
        "What [Veldania] wants from [Istmere] is, first of all, the road to the sea",
    );
    long.duration_seconds = Some(3980);
    long.automatic = true;
    let mut arabic = video(
        63,
        "https://vimeo.com/12345",
        "إستمير وفيلدانيا",
        9,
        "كانت [إستمير] الدولة الوحيدة.",
    );
    arabic.language = Some("ar".to_owned());
    let mut bare = video(64, "https://www.youtube.com/watch?v=x", "Untitled", 0, "");
    bare.snippet.fragments = vec![];
    bare.copy = None;
    VideoRow {
        videos: vec![ministers, long, arabic, bare],
        is_main: false,
    }
}

fn comment(number: u32, votes: i32, text: &str) -> Comment {
    Comment {
        passage: number,
        locator: Locator::Comment(format!(
            "https://www.reddit.com/r/istmere/comments/t1/c{number}/"
        )),
        author: Some(format!("writer{number}")),
        time: Some("2025-08-12T10:00:00Z".parse().unwrap()),
        votes: Some(votes),
        accepted: false,
        opening: false,
        fragments: vec![fragment(text)],
    }
}

/// A block: several posts, one post, none.
pub(crate) fn discussions() -> Discussions {
    let thread = |number: u8, title: &str| DiscussionCard {
        document: DocumentId([number; 16]),
        url: format!("https://www.reddit.com/r/istmere/comments/t{number}/"),
        locator: Locator::Top,
        copy: Some(Copy::Document(DocumentId([number; 16]))),
        captured: "2025-12-20T10:00:00Z".parse().unwrap(),
        title: title.to_owned(),
        site_name: "Reddit".to_owned(),
        host: "reddit.com".to_owned(),
        site: "reddit.com".to_owned(),
        forum: None,
        answers: 1,
        votes: None,
        language: Some("en".to_owned()),
        date: None,
        comments: vec![],
        explanation: vec![],
        score: 1.0,
    };
    let mut relations = thread(71, "Relations with Istmere");
    relations.forum = Some("r/istmere".to_owned());
    relations.answers = 12;
    relations.votes = Some(148);
    relations.date = Some(ShownDate {
        date: "2025-08-12".parse().unwrap(),
        kind: DateKind::Published,
    });
    let mut best = comment(
        4,
        31,
        "No, there is no reason to recognise them after what they did with us. We only have good \
         [relations] with the others because they offer something in return, unlike [Veldania], \
         which cannot offer anything.",
    );
    best.fragments.push(Fragment {
        cut_after: true,
        ..fragment("Still, trade goes on in the border towns.")
    });
    let mut accepted = comment(9, -2, "The [relationship] is older than both states.");
    accepted.accepted = true;
    relations.locator = best.locator.clone();
    relations.comments = vec![best, accepted];
    let mut question = thread(72, "What would happen if the four formed an alliance?");
    let mut opening = comment(0, 1, "Asking for [Veldania].");
    opening.opening = true;
    question.comments = vec![opening];
    Discussions {
        threads: vec![relations, question, thread(73, "Nobody answered")],
        is_main: false,
    }
}

fn passage(number: u32, marked: &str, locator: Locator, post: Option<Post>) -> CopyPassage {
    let fragment = fragment(marked);
    CopyPassage {
        matched: !fragment.marks.is_empty(),
        text: fragment.text,
        marks: fragment.marks,
        heading: None,
        locator,
        number,
        post,
    }
}

fn without_capture() -> CopyPage {
    CopyPage {
        captured: None,
        collection: None,
        captures: vec![],
        raw: None,
        origin: None,
        warnings: vec![],
        ..kept()
    }
}

/// The copy of a video.
pub(crate) fn kept_video() -> CopyPage {
    let mut after = passage(3, "A last word.", Locator::Seconds(3700), None);
    after.heading = Some("The end".to_owned());
    CopyPage {
        title: "Ministers Meet".to_owned(),
        url: "https://www.youtube.com/watch?v=vi1".to_owned(),
        passages: vec![
            passage(0, "What this video is.", Locator::Top, None),
            passage(1, "Good evening.", Locator::Seconds(0), None),
            passage(
                2,
                "We turn to the [relationship].",
                Locator::Seconds(65),
                None,
            ),
            after,
        ],
        ..without_capture()
    }
}

/// The copy of a discussion.
pub(crate) fn kept_thread() -> CopyPage {
    let post = |depth: u32, score: i32| Post {
        author: Some(format!("writer{depth}")),
        time: Some("2025-08-12T10:00:00Z".parse().unwrap()),
        score: Some(score),
        accepted: depth == 1,
        depth,
    };
    let at = |number: u32| Locator::Comment(format!("https://forum.example/t/1/{number}"));
    CopyPage {
        title: "Relations with Istmere".to_owned(),
        url: "https://forum.example/t/1".to_owned(),
        passages: vec![
            passage(0, "What of Istmere?", Locator::Top, Some(post(0, 148))),
            passage(
                1,
                "The [relationship] is old.\nVery old.",
                at(2),
                Some(post(1, 1)),
            ),
            passage(2, "So it is.", at(3), Some(post(2, -3))),
            passage(3, "Deep down.", at(4), Some(post(30, 0))),
        ],
        ..without_capture()
    }
}
