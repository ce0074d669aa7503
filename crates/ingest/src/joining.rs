//! Posts joined to their threads without an index: sorted on disk where memory does not hold them.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read as _, Write as _};
use std::path::{Path, PathBuf};

use model::contribution::{Body, Contribution, merge};
use model::document::DocumentId;
use model::interchange::{DocumentLine, FORMAT, Line, OriginLine};

use crate::add::part_contribution;
use crate::lines::document_lines;
use crate::pipeline::{Gave, Read};

/// Bytes of posts in memory after which they are written to disk, sorted.
const RUN_BYTES: usize = 32 << 20;

/// Sorted files of one size that are merged into one of the next; so many are open at once.
const WIDTH: usize = 32;

/// Bytes that are read ahead of each sorted file.
const AHEAD: usize = 64 << 10;

/// A longer post is none of ours.
const LONGEST: u32 = 1 << 30;

/// Gathers posts and gives them back thread by thread.
pub struct Joining {
    folder: PathBuf,
    run_bytes: usize,
    /// Posts in memory: thread, and where the JSON of the contribution ends in `text`.
    held: Vec<(DocumentId, usize)>,
    text: Vec<u8>,
    /// Sorted files, those of one size together; earlier ones hold what came earlier.
    runs: Vec<Vec<PathBuf>>,
    written: u64,
}

impl Joining {
    /// Gathers in a folder for files of its own.
    pub fn new(folder: &Path) -> Self {
        Self::with_runs(folder, RUN_BYTES)
    }

    fn with_runs(folder: &Path, run_bytes: usize) -> Self {
        Self {
            folder: folder.to_owned(),
            run_bytes,
            held: Vec::new(),
            text: Vec::new(),
            runs: Vec::new(),
            written: 0,
        }
    }

    /// Takes the posts out of what a record gave.
    ///
    /// # Errors
    ///
    /// Where the folder cannot be written.
    pub fn take(&mut self, read: &mut Read, collection: &str) -> io::Result<()> {
        let Gave::Extracted(_, posts) = &mut read.gave else {
            return Ok(());
        };
        for post in std::mem::take(posts).read() {
            let (key, part) = post?;
            let said = part_contribution(&read.record, key, part, collection);
            self.push(&said)?;
        }
        Ok(())
    }

    fn push(&mut self, said: &Contribution) -> io::Result<()> {
        serde_json::to_writer(&mut self.text, said)?;
        self.held.push((DocumentId::of(&said.key), self.text.len()));
        if self.text.len() >= self.run_bytes {
            self.write_run()?;
        }
        Ok(())
    }

    fn write_run(&mut self) -> io::Result<()> {
        let path = self.next_file();
        let mut output = BufWriter::with_capacity(AHEAD, File::create(&path)?);
        let mut start = 0;
        let mut order: Vec<(DocumentId, usize, usize)> = Vec::with_capacity(self.held.len());
        for (id, end) in self.held.drain(..) {
            order.push((id, start, end));
            start = end;
        }
        order.sort_unstable();
        for (id, start, end) in order {
            let json = self.text.get(start..end).unwrap_or_default();
            write_item(&mut output, id, json)?;
        }
        output.flush()?;
        self.text.clear();
        self.keep(path, 0)
    }

    /// Notes a sorted file; too many of one size become one of the next.
    fn keep(&mut self, path: PathBuf, size: usize) -> io::Result<()> {
        if self.runs.len() <= size {
            self.runs.resize_with(size + 1, Vec::new);
        }
        let Some(of_size) = self.runs.get_mut(size) else {
            return Ok(());
        };
        of_size.push(path);
        if of_size.len() < WIDTH {
            return Ok(());
        }
        let merged = std::mem::take(of_size);
        let path = self.next_file();
        let mut output = BufWriter::with_capacity(AHEAD, File::create(&path)?);
        let mut merging = Merging::open(&merged)?;
        while let Some((id, json)) = merging.next()? {
            write_item(&mut output, id, &json)?;
        }
        output.flush()?;
        remove(&merged);
        self.keep(path, size + 1)
    }

    fn next_file(&mut self) -> PathBuf {
        self.written += 1;
        self.folder.join(format!("posts-{}", self.written))
    }

    /// Gives a line for each thread of which the opening post was gathered, by id, and lines of
    /// the posts of the others at their place; ends early where `give` returns `false`.
    ///
    /// # Errors
    ///
    /// Where the files that were written cannot be read, or `give` fails.
    pub fn finish<E: From<io::Error>>(
        mut self,
        give: &mut dyn FnMut(Line) -> Result<bool, E>,
    ) -> Result<bool, E> {
        if !self.held.is_empty() {
            self.write_run()?;
        }
        // Larger files hold what came earlier.
        let files: Vec<PathBuf> = self.runs.drain(..).rev().flatten().collect();
        let mut merging = Merging::open(&files)?;
        let mut thread: Option<DocumentId> = None;
        let mut said: Vec<Contribution> = Vec::new();
        while let Some((id, json)) = merging.next()? {
            if thread != Some(id) {
                thread = Some(id);
                if !give_thread(std::mem::take(&mut said), give)? {
                    return Ok(false);
                }
            }
            said.push(serde_json::from_slice(&json).map_err(io::Error::from)?);
        }
        let complete = give_thread(said, give)?;
        remove(&files);
        Ok(complete)
    }
}

/// What is left is removed with the folder.
fn remove(files: &[PathBuf]) {
    for file in files {
        drop(std::fs::remove_file(file));
    }
}

fn give_thread<E>(
    mut said: Vec<Contribution>,
    give: &mut dyn FnMut(Line) -> Result<bool, E>,
) -> Result<bool, E> {
    said.sort_by(|a, b| a.merge_order().cmp(&b.merge_order()));
    let merged = merge(&said).map(std::borrow::Cow::into_owned);
    let is_opening = |one: &&Contribution| match &one.body {
        Body::Part(part) => part.head.is_some(),
        _ => false,
    };
    // The newest form of the opening post is the last in order.
    let opening = said.iter().rev().find(is_opening);
    if let (Some(document), Some(opening)) = (merged, opening) {
        return give(Line::Document(Box::new(DocumentLine {
            format: FORMAT,
            document,
            captured: opening.captured,
            capture: None,
            collection: opening.collection.clone(),
            origin: OriginLine::from(opening.origin.clone()),
        })));
    }
    for one in said {
        for line in document_lines(one, &[]) {
            if !give(line)? {
                return Ok(false);
            }
        }
    }
    Ok(true)
}

/// An item of a sorted file: the thread, the length of the JSON (four bytes, little-endian), the
/// JSON.
fn write_item(output: &mut impl io::Write, id: DocumentId, json: &[u8]) -> io::Result<()> {
    let length = u32::try_from(json.len())
        .map_err(|_| io::Error::new(io::ErrorKind::InvalidInput, "a post above 4 GiB"))?;
    output.write_all(&id.0)?;
    output.write_all(&length.to_le_bytes())?;
    output.write_all(json)
}

fn read_item(input: &mut BufReader<File>) -> io::Result<Option<(DocumentId, Vec<u8>)>> {
    let mut id = [0; 16];
    match input.read_exact(&mut id) {
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        read => read?,
    }
    let mut length = [0; 4];
    input.read_exact(&mut length)?;
    let length = u32::from_le_bytes(length);
    if length > LONGEST {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "damaged file"));
    }
    let mut json = vec![0; length as usize];
    input.read_exact(&mut json)?;
    Ok(Some((DocumentId(id), json)))
}

/// Items of several sorted files in order; equal ones in the order of the files.
struct Merging {
    files: Vec<BufReader<File>>,
    next: BinaryHeap<Reverse<(DocumentId, usize, Vec<u8>)>>,
}

impl Merging {
    fn open(paths: &[PathBuf]) -> io::Result<Self> {
        let mut merging = Self {
            files: Vec::new(),
            next: BinaryHeap::new(),
        };
        for (number, path) in paths.iter().enumerate() {
            let mut file = BufReader::with_capacity(AHEAD, File::open(path)?);
            if let Some((id, json)) = read_item(&mut file)? {
                merging.next.push(Reverse((id, number, json)));
            }
            merging.files.push(file);
        }
        Ok(merging)
    }

    fn next(&mut self) -> io::Result<Option<(DocumentId, Vec<u8>)>> {
        let Some(Reverse((id, number, json))) = self.next.pop() else {
            return Ok(None);
        };
        if let Some(file) = self.files.get_mut(number)
            && let Some((next, json)) = read_item(file)?
        {
            self.next.push(Reverse((next, number, json)));
        }
        Ok(Some((id, json)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::expect;
    use model::document::{Key, Post};
    use model::part::{Part, ThreadHead};
    use model::record::{Origin, Step};
    use model::time::UnixSeconds;

    fn post(thread: u32, number: u32) -> Contribution {
        // Every third thread lacks its opening post.
        let head = (number == 0 && !thread.is_multiple_of(3)).then(|| ThreadHead {
            title: format!("Thread {thread}"),
            url: format!("https://talk.example/{thread}"),
            forum: None,
            site_name: None,
            language: None,
            accepted: None,
            answers: None,
        });
        Contribution {
            key: Key::Thread {
                platform: "forum:talk.example".into(),
                id: thread.to_string(),
            },
            origin: Origin {
                source: "/data/talk.ndjson".into(),
                path: "/data/talk.ndjson".into(),
                steps: vec![Step::Bytes(u64::from(number), 10)],
                digest: None,
            },
            collection: "forum".into(),
            captured: UnixSeconds(1_700_000_000),
            url: "file:///data/talk.ndjson".into(),
            body: Body::Part(Box::new(Part {
                id: format!("p{number}"),
                parent: None,
                head,
                text: format!("Post {number} of thread {thread}."),
                deleted: false,
                permalink: None,
                post: Post::default(),
            })),
        }
    }

    fn joined(run_bytes: usize, posts: &[(u32, u32)]) -> (Vec<String>, usize) {
        let folder = tempfile::tempdir().unwrap();
        let mut joining = Joining::with_runs(folder.path(), run_bytes);
        for (thread, number) in posts {
            joining.push(&post(*thread, *number)).unwrap();
        }
        let most = joining.runs.len();
        let mut lines = Vec::new();
        let mut give = |line: Line| {
            lines.push(line.print().map_err(io::Error::from)?);
            Ok::<_, io::Error>(true)
        };
        assert!(joining.finish(&mut give).unwrap());
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
        (lines, most)
    }

    /// The shape of these lines is promised (docs/formats.md).
    #[test]
    fn lines_of_a_thread_and_of_a_post_that_waits() {
        let (lines, _) = joined(1 << 30, &[(1, 1), (1, 0), (3, 1)]);
        expect![[r#"
            {"format":1,"id":"3273f1d90324cd56d34d0f28f8f34b5a","key":{"thread":{"platform":"forum:talk.example","id":"1"}},"url":"https://talk.example/1","canonical":null,"kind":"thread","details":{"forum":null,"answers":1,"score":null},"title":"Thread 1","description":null,"site_name":null,"author":null,"breadcrumb":[],"language":null,"published":null,"modified":null,"passages":[{"text":"Post 0 of thread 1.","locator":"top","post":{"accepted":false}},{"text":"Post 1 of thread 1.","locator":"top","post":{"accepted":false,"depth":1}}],"links":[],"thumbnail":null,"read_from":{"title":"embedded"},"warnings":[],"captured":"2023-11-14T22:13:20Z","capture":null,"collection":"forum","origin":{"source":"/data/talk.ndjson","path":"/data/talk.ndjson","offset":0,"length":10,"steps":[{"bytes":[0,10]}],"digest":null}}
            {"format":1,"kind":"part","key":{"thread":{"platform":"forum:talk.example","id":"3"}},"url":"file:///data/talk.ndjson","part":{"id":"p1","text":"Post 1 of thread 3.","post":{"accepted":false}},"captured":"2023-11-14T22:13:20Z","collection":"forum","origin":{"source":"/data/talk.ndjson","path":"/data/talk.ndjson","offset":1,"length":10,"steps":[{"bytes":[1,10]}],"digest":null}}"#]].assert_eq(&lines.join("\n"));
    }

    #[test]
    fn sizes_of_files_and_order_of_posts_do_not_matter() {
        let posts: Vec<(u32, u32)> = (0..60)
            .flat_map(|number| (0..20).map(move |thread| (thread, number)))
            .collect();
        let (expected, _) = joined(1 << 30, &posts);
        let threads = expected
            .iter()
            .filter(|line| line.contains(r#""kind":"thread""#))
            .count();
        assert_eq!((threads, expected.len()), (13, 13 + 7 * 60));
        let backwards: Vec<(u32, u32)> = posts.iter().rev().copied().collect();
        for run_bytes in [1, 500, 10_000] {
            for posts in [&posts, &backwards] {
                let (lines, sizes) = joined(run_bytes, posts);
                assert_eq!(lines, expected, "{run_bytes}");
                // A file for each post is merged twice on the way.
                assert!(run_bytes > 1 || sizes == 3, "{sizes}");
            }
        }
    }
}
