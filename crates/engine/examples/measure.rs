//! Measures writing and finding on an invented documentation site:
//! `cargo run --release -p engine --example measure -- PAGES FOLDER`.
#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a measurement talks, and looks at the clock"
)]

use std::path::PathBuf;
use std::time::{Duration, Instant};

use engine::Engine;
use engine::conformance::{ALL_CHANNELS, Example, NOW};
use engine::embedded::{Embedded, Options};
use model::query::{Expr, Plan};

/// Words of the invented language.
const VOCABULARY: u64 = 60_000;
/// Links that stand on every page.
const MENU: u64 = 250;

/// xorshift64*, so that the corpus is the same each time.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 11
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }

    /// A word by Zipf's law, roughly.
    fn word(&mut self) -> String {
        let uniform = self.below(1 << 30) as f64 / f64::from(1 << 30);
        let rank = ((VOCABULARY as f64).powf(uniform) - 1.0) as u64;
        word(rank)
    }

    fn text(&mut self, words: u64) -> String {
        let words: Vec<String> = (0..words).map(|_| self.word()).collect();
        words.join(" ")
    }
}

fn word(mut rank: u64) -> String {
    let mut word = String::new();
    rank += 20;
    while rank > 0 {
        word.push(char::from(b"bdfgklmnprstvz"[(rank % 14) as usize]));
        rank /= 14;
        word.push(char::from(b"aeiou"[(rank % 5) as usize]));
        rank /= 5;
    }
    word
}

fn page(number: u64, pages: u64) -> Example {
    let mut random = Random(number.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
    let passages: Vec<String> = (0..4 + random.below(12)).map(|_| random.text(70)).collect();
    let passages: Vec<&str> = passages.iter().map(String::as_str).collect();
    let title = random.text(5);
    let url = format!("https://docs.example/{}/{number}.html", word(number % 300));
    let mut page = Example::page(&url, &title, &passages).at(1_700_000_000 + number as i64);
    for entry in 0..MENU {
        let target = entry * (pages / MENU).max(1);
        let link = format!("https://docs.example/{}/{target}.html", word(target % 300));
        page = page.link(&link, &format!("menu {}", word(entry)));
    }
    for _ in 0..40 {
        let target = random.below(pages);
        // Most links to a page are written in one of a few ways.
        let variant = random.below(3);
        let text = format!("{} {}", word(target), word(target + variant));
        let link = format!("https://docs.example/{}/{target}.html", word(target % 300));
        page = page.link(&link, &text);
    }
    page
}

fn processor_time() -> Duration {
    let text = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let ticks: u64 = text
        .split_whitespace()
        .skip(13)
        .take(2)
        .filter_map(|field| field.parse::<u64>().ok())
        .sum();
    Duration::from_millis(ticks * 10)
}

fn main() {
    let mut arguments = std::env::args().skip(1);
    let pages: u64 = arguments.next().map_or(5_000, |text| text.parse().unwrap());
    let folder = PathBuf::from(arguments.next().unwrap());
    let engine = Embedded::open(&folder, Options::new("measure", || NOW)).unwrap();
    if engine.view().unwrap().totals().unwrap().documents == 0 {
        write(&engine, pages);
    }
    find(&engine);
}

fn write(engine: &Embedded, pages: u64) {
    let mut made = Duration::ZERO;
    let (start, processor) = (Instant::now(), processor_time());
    let mut writer = engine.writer().unwrap();
    for number in 0..pages {
        let before = Instant::now();
        let changes = page(number, pages).changes();
        made += before.elapsed();
        for change in changes {
            writer.apply(change).unwrap();
        }
        if writer.pending_bytes() > 256 << 20 {
            let (before, used) = (Instant::now(), processor_time());
            writer.commit(&[]).unwrap();
            println!(
                "commit at {number}: {:?}, processor {:?}",
                before.elapsed(),
                processor_time().saturating_sub(used)
            );
        }
    }
    writer.commit(&[]).unwrap();
    drop(writer);
    let used = processor_time().saturating_sub(processor);
    println!(
        "wrote {pages} pages: {:?}, processor {used:?}, of it making them {made:?}",
        start.elapsed()
    );
    println!(
        "per page: {:?} of processor time",
        (used.saturating_sub(made)) / pages as u32
    );
    println!("{:?}", engine.view().unwrap().totals().unwrap());
}

fn find(engine: &Embedded) {
    let start = Instant::now();
    let view = engine.view().unwrap();
    println!("view: {:?}", start.elapsed());
    for (limit, is_or) in [(200, false), (1000, false), (200, true), (1000, true)] {
        let mut random = Random(77);
        let (mut times, mut heads) = (Vec::new(), Vec::new());
        let mut total = 0;
        for query in 0..200 {
            let words: Vec<Expr> = (0..2 + query % 4)
                .map(|_| Expr::Word(word(5 + random.below(400))))
                .collect();
            let expr = if is_or {
                Expr::Or(words)
            } else {
                Expr::And(words)
            };
            let plan = Plan {
                expr: &expr,
                filters: &[],
                kinds: &[],
                as_of: None,
                channels: &ALL_CHANNELS,
                limit,
            };
            let start = Instant::now();
            let found = view.candidates(&plan).unwrap();
            times.push(start.elapsed());
            total += found.total.count();
            let ids: Vec<_> = found
                .candidates
                .iter()
                .map(|c| c.document)
                .take(200)
                .collect();
            let start = Instant::now();
            view.heads(&ids).unwrap();
            heads.push(start.elapsed());
        }
        times.sort();
        heads.sort();
        println!(
            "limit {limit}, {}: p50 {:?}, p90 {:?}, worst {:?}; heads of up to 200 p50 {:?}; {} found on average",
            if is_or { "or" } else { "and" },
            times[100],
            times[180],
            times[199],
            heads[100],
            total / 200
        );
    }
}
