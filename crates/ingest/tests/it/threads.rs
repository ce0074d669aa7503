//! Discussions and videos over whole files: late posts, dumps that grow, lines joined and apart.

use std::path::PathBuf;

use engine::embedded::{Embedded, Options};
use engine::{Engine, View};
use expect_test::{Expect, expect};
use ingest::{AddSettings, Event, Joining, add, document_lines, part_lines, run};
use model::document::DocumentId;
use model::interchange::Line;
use model::time::UnixSeconds;

use crate::{Folder, add_settings, settings, task};

const SUBMISSIONS: &str = concat!(
    r#"{"id":"q1","subreddit":"Istmere","title":"When does the ferry run?","selftext":"","#,
    r#""score":7,"created_utc":1700000000,"permalink":"/r/Istmere/comments/q1/when_does_the_ferry_run/","author":"wren"}"#,
    "\n",
    r#"{"id":"q2","subreddit":"Istmere","title":"Herring in the basin","selftext":"They are back.","#,
    r#""score":3,"created_utc":1700000100,"permalink":"/r/Istmere/comments/q2/herring/","author":"lark"}"#,
    "\n",
);

const COMMENTS: &str = concat!(
    r#"{"id":"c1","link_id":"t3_q1","parent_id":"t3_q1","subreddit":"Istmere","body":"At noon, from the old pier.","score":5,"created_utc":1700000200,"author":"tern"}"#,
    "\n",
    r#"{"id":"c2","link_id":"t3_q1","parent_id":"t1_c1","subreddit":"Istmere","body":"Not on Sundays.","score":2,"created_utc":1700000300,"author":"wren"}"#,
    "\n",
    r#"{"id":"c3","link_id":"t3_q9","parent_id":"t3_q9","subreddit":"Istmere","body":"Nobody knows what this answers.","score":1,"created_utc":1700000400,"author":"tern"}"#,
    "\n",
);

const LATER: &str = concat!(
    r#"{"id":"c4","link_id":"t3_q2","parent_id":"t3_q2","subreddit":"Istmere","body":"So are the seals.","score":1,"created_utc":1700000500,"author":"tern"}"#,
    "\n",
);

/// All that is kept, as `export` prints it.
fn export(view: &dyn View) -> String {
    let mut lines = Vec::new();
    let documents = |after: Option<DocumentId>| view.ids_after(after, 100);
    let waiting = |after: Option<DocumentId>| view.waiting_after(after, 100);
    for ids in [documents(None).unwrap(), waiting(None).unwrap()] {
        for id in ids {
            for said in view.contributions(id).unwrap() {
                lines.extend(document_lines(said, &[]));
            }
        }
    }
    let printed: Vec<String> = lines.iter().map(|line| line.print().unwrap()).collect();
    printed.join("\n")
}

struct Index {
    engine: Embedded,
    settings: AddSettings,
    _folder: tempfile::TempDir,
}

impl Index {
    fn new(folder: &Folder) -> Self {
        let own = tempfile::tempdir().unwrap();
        let options = Options::new("test", || UnixSeconds(0));
        Self {
            engine: Embedded::open(own.path(), options).unwrap(),
            settings: add_settings(folder),
            _folder: own,
        }
    }

    /// Adds files one by one; returns how many documents and posts were found in them.
    fn add(&self, paths: &[&PathBuf]) -> (u64, u64) {
        let stop = std::sync::atomic::AtomicBool::new(false);
        let mut found = (0, 0);
        for path in paths {
            let paths = [(*path).clone()];
            let added = add(&self.engine, &paths, &self.settings, &stop, &mut |_| {}).unwrap();
            found = (found.0 + added.documents, found.1 + added.posts);
        }
        found
    }

    fn view(&self) -> std::sync::Arc<dyn View> {
        self.engine.view().unwrap()
    }
}

#[test]
fn late_posts_complete_their_threads() {
    let folder = Folder::new();
    let submissions = folder.write("submissions.ndjson", SUBMISSIONS.as_bytes());
    let comments = folder.write("comments.ndjson", COMMENTS.as_bytes());
    let (forth, back) = (Index::new(&folder), Index::new(&folder));
    assert_eq!(forth.add(&[&comments, &submissions]), (2, 5));
    assert_eq!(back.add(&[&submissions, &comments]), (2, 5));
    let exported = export(&*forth.view());
    assert_eq!(exported.lines().count(), 5);
    assert_eq!(export(&*back.view()), exported);
    // Both again.
    assert_eq!(forth.add(&[&comments, &submissions]), (0, 0));
    assert_eq!(export(&*forth.view()), exported);
    assert_eq!(forth.view().totals().unwrap().documents, 2);
}

#[test]
fn a_dump_that_grows_is_read_on() {
    let folder = Folder::new();
    let submissions = folder.write("submissions.ndjson", SUBMISSIONS.as_bytes());
    let comments = folder.write("comments.ndjson", COMMENTS.as_bytes());
    let grown = Index::new(&folder);
    grown.add(&[&submissions, &comments]);
    folder.write("comments.ndjson", [COMMENTS, LATER].concat().as_bytes());
    grown.add(&[&comments]);
    let texts = |index: &Index| {
        let view = index.view();
        let ids = view.ids_after(None, 10).unwrap();
        let texts = ids.into_iter().map(|id| {
            let passages = view.passages(id, 0..10).unwrap().into_iter();
            passages.map(|passage| passage.text).collect::<Vec<_>>()
        });
        texts.collect::<Vec<_>>()
    };
    let whole = Index::new(&folder);
    whole.add(&[&comments, &submissions]);
    assert_eq!(texts(&grown), texts(&whole));
}

/// What `extract` prints of the dumps, joined and apart.
fn extracted(paths: &[&PathBuf], folder: &Folder) -> (String, String) {
    let stop = std::sync::atomic::AtomicBool::new(false);
    let spool = tempfile::tempdir().unwrap();
    let mut joining = Joining::new(spool.path());
    let mut apart = Vec::new();
    let tasks: Vec<_> = paths.iter().map(|path| task(path, None)).collect();
    let read = settings(ingest::Isolation::Thread, folder.0.path());
    run(tasks.into_iter(), &read, &stop, &mut |event| {
        if let Event::Record(_, mut read) = event {
            part_lines(&read, "c", &mut apart).unwrap();
            joining.take(&mut read, "c").unwrap();
        }
        true
    })
    .unwrap();
    let mut joined = String::new();
    let mut give = |line: Line| {
        joined.push_str(&line.print().map_err(std::io::Error::from)?);
        joined.push('\n');
        Ok::<_, std::io::Error>(true)
    };
    assert!(joining.finish(&mut give).unwrap());
    let without = |lines: &str| lines.lines().map(told).collect::<String>();
    (
        without(&joined),
        without(&String::from_utf8(apart).unwrap()),
    )
}

/// What a line says, in short: how posts are read is not what is looked at here.
fn told(line: &str) -> String {
    match Line::parse(line).unwrap() {
        Line::Document(line) => {
            let document = line.document;
            let passages = document.passages.iter().map(|passage| {
                let depth = passage.post.as_ref().map_or(0, |post| post.depth);
                format!("\n  {depth} {}", passage.text)
            });
            format!("{}{}\n", document.title, passages.collect::<String>())
        }
        Line::Part(line) => format!("{:?} {:?}\n", line.part.id, line.part.text),
        other => panic!("{other:?}"),
    }
}

#[track_caller]
fn check(found: &str, golden: &Expect) {
    golden.assert_eq(found);
}

#[test]
fn posts_are_printed_joined_or_apart() {
    let folder = Folder::new();
    let submissions = folder.write("submissions.ndjson", SUBMISSIONS.as_bytes());
    let comments = folder.write("comments.ndjson", COMMENTS.as_bytes());
    let (joined, apart) = extracted(&[&comments, &submissions], &folder);
    assert_eq!(extracted(&[&submissions, &comments], &folder).0, joined);
    check(
        &joined,
        &expect![[r#"
        When does the ferry run?
          1 At noon, from the old pier.
          2 Not on Sundays.
        Herring in the basin
          0 They are back.
        "t1_c3" "Nobody knows what this answers."
    "#]],
    );
    check(
        &apart,
        &expect![[r#"
        "t1_c1" "At noon, from the old pier."
        "t1_c2" "Not on Sundays."
        "t1_c3" "Nobody knows what this answers."
        "t3_q1" ""
        "t3_q2" "They are back."
    "#]],
    );
}
