//! Scratch.
#![allow(warnings, clippy::all, clippy::pedantic)]
use engine::embedded::{Embedded, Options};
use engine::*;
use model::address::Surt;
use model::capture::Capture;
use model::contribution::{Body, Contribution};
use model::document::*;
use model::page::Block;
use model::record::{Digest, MediaType, Origin};
use model::time::UnixSeconds;
use search::Request;
use std::num::NonZeroU32;

struct Random(u64);
impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % limit.max(1) as u64) as usize
    }
}

fn pages(text: &str) -> Vec<Vec<String>> {
    text.split('\u{c}')
        .map(|page| {
            let mut out = vec![];
            let mut cur = String::new();
            for para in page.split("\n\n") {
                let p = para.split_whitespace().collect::<Vec<_>>().join(" ");
                if p.is_empty() {
                    continue;
                }
                if !cur.is_empty() {
                    cur.push('\n');
                }
                cur.push_str(&p);
                if cur.len() > 600 {
                    out.push(std::mem::take(&mut cur));
                }
            }
            if !cur.is_empty() {
                out.push(cur);
            }
            out
        })
        .collect()
}

fn add(w: &mut dyn Writer, n: usize, name: &str, pages: &[Vec<String>]) {
    let url = format!("https://pdf{n}.example/{name}.pdf");
    let mut passages = vec![];
    for (i, page) in pages.iter().enumerate() {
        for t in page {
            passages.push(Passage {
                text: t.clone(),
                heading: None,
                locator: Locator::Page(NonZeroU32::new(i as u32 + 1).unwrap()),
                post: None,
            });
        }
    }
    let digest = Digest::of(url.as_bytes());
    let key = Key::State {
        surt: Surt::of(&url),
        digest,
    };
    let document = Document {
        id: DocumentId::of(&key),
        key: key.clone(),
        url: url.clone(),
        canonical: None,
        kind: DocumentKind::Pdf {
            pages: Some(pages.len() as u32),
            no_text_layer: false,
        },
        title: name.replace('-', " "),
        description: None,
        site_name: None,
        author: None,
        breadcrumb: vec![],
        language: Some("en".into()),
        published: None,
        modified: None,
        passages,
        links: vec![],
        thumbnail: None,
        read_from: Default::default(),
        warnings: vec![],
    };
    let origin = Origin {
        source: "/invented".into(),
        path: format!("{n:06}"),
        steps: vec![],
        digest: None,
    };
    let captured = UnixSeconds(1_700_000_000);
    let surt = Surt::of(&url);
    let capture = Capture {
        id: Capture::id_of(&surt, captured, Some(200), Some(digest), None, "x"),
        surt,
        url: url.clone(),
        captured,
        status: Some(200),
        media_type: MediaType::new("application/pdf"),
        digest: Some(digest),
        archive_digest: None,
        refers_to: None,
        origins: vec![origin.clone()],
        collection: "x".into(),
        document: Some(document.id),
    };
    w.apply(Change::Capture(Box::new(capture))).unwrap();
    w.apply(Change::Contribution(Box::new(Contribution {
        key,
        origin,
        collection: "x".into(),
        captured,
        url,
        body: Body::Document(Box::new(document)),
    })))
    .unwrap();
}

fn main() {
    let args: Vec<String> = std::env::args().collect();
    let dir = std::path::Path::new(&args[1]);
    let with_long = args.get(2).is_some_and(|a| a == "long");
    let fresh = !dir.join("store.sqlite").exists();

    let engine = Embedded::open(dir, Options::new("x", || UnixSeconds(0))).unwrap();
    let mut files: Vec<_> = std::fs::read_dir("/tmp/pdfs/txt")
        .unwrap()
        .flatten()
        .map(|e| e.path())
        .collect();
    files.sort();
    let mut all: Vec<(String, Vec<Vec<String>>)> = vec![];
    for f in &files {
        let t = String::from_utf8_lossy(&std::fs::read(f).unwrap()).into_owned();
        let p = pages(&t);
        all.push((f.file_stem().unwrap().to_string_lossy().into_owned(), p));
    }
    if with_long {
        let mut long = vec![];
        let english: Vec<_> = all
            .iter()
            .filter(|(n, _)| {
                !n.contains(".ja") && !n.contains(".ko") && !n.contains(".ru") && !n.contains(".de")
            })
            .cloned()
            .collect();
        'o: loop {
            for (_, p) in &english {
                for page in p {
                    long.push(page.clone());
                    if long.len() >= 1000 {
                        break 'o;
                    }
                }
            }
        }
        all = vec![("long".into(), long)];
    }
    if fresh {
        let mut w = engine.writer().unwrap();
        for (n, (name, p)) in all.iter().enumerate() {
            add(&mut *w, n, name, p);
        }
        w.commit(&[]).unwrap();
    }
    let view = engine.view().unwrap();
    let pick: Vec<usize> = (0..all.len())
        .filter(|&i| {
            all[i].1.iter().map(|p| p.len()).sum::<usize>() > 3
                && (with_long
                    || all[i].0.contains("freeculture")
                    || args.get(3).map_or(true, |a| all[i].0.contains(a.as_str())))
        })
        .collect();
    let mut rng = Random(0x5EED);
    let (mut right, mut doc_ok, mut n) = (0, 0, 0);
    let mut took = 0.0;
    while n < 200 {
        let i = pick[rng.below(pick.len())];
        let p = rng.below(all[i].1.len());
        let text = all[i].1[p].join(" ");
        let words: Vec<&str> = text.split_whitespace().collect();
        if words.len() < 30 {
            continue;
        }
        let s = rng.below(words.len() - 6);
        let raw = words[s..s + 6].join(" ");
        if raw.chars().filter(|c| c.is_alphabetic()).count() < 20 {
            continue;
        }
        let q: String = raw
            .split(|c: char| !c.is_alphanumeric())
            .filter(|w| !w.is_empty())
            .collect::<Vec<_>>()
            .join(" ");
        n += 1;
        let req = Request {
            text: q.clone(),
            now: UnixSeconds(1_766_000_000),
            offset: 0,
            count: 10,
            explain: true,
            operators: false,
            languages: vec![],
        };
        let t = std::time::Instant::now();
        let page = search::search(&*view, &req).unwrap();
        took += t.elapsed().as_secs_f64();
        let Some(Block::Web(r)) = page.blocks.first() else {
            println!("NONE {q}");
            continue;
        };
        // right: the page holds the very words
        let held = |pg: u32, who: usize| {
            let t = all[who]
                .1
                .get(pg as usize - 1)
                .map(|p| p.join(" ").split_whitespace().collect::<Vec<_>>().join(" "))
                .unwrap_or_default();
            t.contains(&raw)
        };
        let who: usize = r
            .url
            .trim_start_matches("https://pdf")
            .split('.')
            .next()
            .unwrap()
            .parse()
            .unwrap();
        let ok = match r.locator {
            Locator::Page(pg) => held(pg.get(), who),
            _ => false,
        };
        if who == i {
            doc_ok += 1;
        }
        if ok {
            right += 1;
        } else {
            println!("WRONG {:?} want {} p{} got {} {:?} rank {:?}", q, all[i].0, p + 1, r.title, r.locator,
            page.blocks.iter().position(|b| matches!(b, Block::Web(w) if w.document == r.document || true && w.title == all[i].0.replace('-', " "))));
        }
    }
    println!(
        "right page {right}/{n}, right doc {doc_ok}, mean {:.2} ms",
        took / n as f64 * 1e3
    );
    if with_long {
        for q in [
            "the government",
            "people of the country",
            "law",
            "copyright law",
            "war in the country of people",
        ] {
            let req = Request {
                text: q.into(),
                now: UnixSeconds(1_766_000_000),
                offset: 0,
                count: 10,
                explain: true,
                operators: false,
                languages: vec![],
            };
            for _ in 0..3 {
                search::search(&*view, &req).unwrap();
            }
            let t = std::time::Instant::now();
            let mut last = t;
            let mut laps = vec![];
            let page = search::search_timed(&*view, &req, &mut |s| {
                laps.push((s, last.elapsed().as_secs_f64() * 1e3));
                last = std::time::Instant::now();
            })
            .unwrap();
            println!(
                "{q}: {:.2} ms {:?} also {:?}",
                t.elapsed().as_secs_f64() * 1e3,
                laps,
                page.blocks.first().map(|b| match b {
                    Block::Web(w) => format!("{:?} {:?}", w.locator, w.also),
                    _ => "".into(),
                })
            );
        }
    }
}
