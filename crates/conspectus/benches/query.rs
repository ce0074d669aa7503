//! Asks 200 mixed queries of an index, in process, and prints the processor time of whole pages,
//! where it went, and its ratio to a bare top ten of the same words.
//!
//! `cargo bench -p conspectus --bench query -- INDEX`
//!
//! The queries are taken from the index itself: words of titles and passages of documents spread
//! evenly over the ids, one to five of them, some as phrases, some with a filter.
#![expect(clippy::print_stdout, reason = "a benchmark talks")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use engine::Engine as _;
use engine::embedded::{Embedded, Options};
use model::document::{Document, DocumentId};
use model::time::UnixSeconds;
use render::Renderer as _;
use search::Request;
use tantivy::collector::TopDocs;
use tantivy::query::{BooleanQuery, Occur, TermQuery};
use tantivy::schema::IndexRecordOption;

const QUERIES: usize = 200;

/// Processor time of this thread in milliseconds.
fn processor_ms() -> f64 {
    let clock = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    clock.tv_sec as f64 * 1e3 + clock.tv_nsec as f64 / 1e6
}

/// xorshift64: the same queries in each run.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % limit.max(1) as u64) as usize
    }
}

fn words(text: &str) -> Vec<String> {
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|word| word.chars().count() > 2)
        .map(str::to_owned)
        .collect()
}

fn queries(documents: &[Document]) -> Vec<String> {
    let mut random = Random(0x5EED);
    let mut queries = Vec::new();
    let mut turn = 0;
    while queries.len() < QUERIES && turn < QUERIES * 20 {
        turn += 1;
        let document = &documents[random.below(documents.len())];
        let passage = document.passages.get(random.below(document.passages.len()));
        let text = if turn % 2 == 0 {
            Some(&document.title)
        } else {
            passage.map(|p| &p.text)
        };
        let words = text.map(|text| words(text)).unwrap_or_default();
        let wanted = 1 + random.below(5);
        if words.len() < wanted {
            continue;
        }
        let start = random.below(words.len() - wanted + 1);
        let run = words[start..start + wanted].join(" ");
        queries.push(match turn % 10 {
            7 if wanted > 1 => format!("\"{run}\""),
            8 => format!("{run} lang:en"),
            9 => format!("{run} -example"),
            _ => run,
        });
    }
    queries
}

fn percentile(sorted: &[f64], share: f64) -> f64 {
    let index = ((sorted.len() as f64 * share).ceil() as usize).saturating_sub(1);
    sorted.get(index).copied().unwrap_or(f64::NAN)
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let index = std::env::args_os()
        .skip(1)
        .find(|argument| argument != "--bench");
    let Some(index) = index.map(PathBuf::from) else {
        println!("name an index: cargo bench -p conspectus --bench query -- INDEX");
        return Ok(());
    };
    let now: UnixSeconds = "2026-11-24T00:00:00Z".parse()?;
    let engine = Embedded::open(&index, Options::new("bench", || UnixSeconds(0)))?;
    let view = engine.view()?;
    let ids = sample_ids(&*view)?;
    let mut documents = Vec::new();
    for id in ids {
        documents.extend(view.document(id)?);
    }
    let queries = queries(&documents);
    let request = |text: &str| Request {
        text: text.to_owned(),
        tab: model::page::Tab::All,
        now,
        offset: 0,
        count: 10,
        explain: true,
        operators: true,
        languages: Vec::new(),
    };
    // Once to bring the index into memory, as a server has it.
    for query in &queries {
        search::search(&*view, &request(query))?;
    }
    let mut pages = Vec::new();
    let mut bare = Vec::new();
    let mut shares: BTreeMap<&'static str, f64> = BTreeMap::new();
    let mut results = 0;
    let mut found = 0;
    let floor = Floor::open(&index)?;
    let mut slowest = (0.0, String::new());
    for query in &queries {
        let started = processor_ms();
        let mut last = started;
        let mut lap = |stage: &'static str| {
            let now = processor_ms();
            *shares.entry(stage).or_default() += now - last;
            last = now;
        };
        let page = search::search_timed(&*view, &request(query), &mut lap)?;
        let html = render::Html.render(&page);
        lap("rendering");
        results += usize::from(!page.blocks.is_empty() && html.len() > 100);
        let took = processor_ms() - started;
        if took > slowest.0 {
            slowest = (took, query.clone());
        }
        pages.push(took);
        let started = processor_ms();
        found += floor.top(query)?;
        bare.push(processor_ms() - started);
    }
    pages.sort_by(f64::total_cmp);
    bare.sort_by(f64::total_cmp);
    let total: f64 = pages.iter().sum();
    println!(
        "queries             {} of {} documents, {results} with results",
        queries.len(),
        view.totals()?.documents
    );
    println!(
        "whole page          p50 {:.2} ms, p90 {:.2} ms, p99 {:.2} ms, mean {:.2} ms of processor time",
        percentile(&pages, 0.5),
        percentile(&pages, 0.9),
        percentile(&pages, 0.99),
        total / pages.len() as f64,
    );
    for (stage, milliseconds) in &shares {
        println!(
            "  {stage:<18}{:.1} %, mean {:.2} ms",
            100.0 * milliseconds / total,
            milliseconds / pages.len() as f64
        );
    }
    assert!(
        found > 0,
        "the bare search finds nothing: it reads another field than it should"
    );
    let bare_total: f64 = bare.iter().sum();
    println!(
        "bare top ten        p50 {:.2} ms, p99 {:.2} ms",
        percentile(&bare, 0.5),
        percentile(&bare, 0.99)
    );
    println!("ratio of the means  {:.1}", total / bare_total);
    println!("slowest             {:.1} ms: {}", slowest.0, slowest.1);
    Ok(())
}

/// The peer: the same index searched with tantivy alone, an OR of the stems over the text field
/// and its top ten, without filters, passages, or anything read.
struct Floor {
    searcher: tantivy::Searcher,
    field: tantivy::schema::Field,
}

impl Floor {
    fn open(folder: &Path) -> Result<Self, Box<dyn std::error::Error>> {
        let mut generations: Vec<PathBuf> = std::fs::read_dir(folder.join("index"))?
            .flatten()
            .map(|entry| entry.path())
            .collect();
        generations.sort();
        let newest = generations.pop().ok_or("the index has no generation")?;
        let index = tantivy::Index::open_in_dir(newest)?;
        let field = index.schema().get_field("search")?;
        Ok(Self {
            searcher: index.reader()?.searcher(),
            field,
        })
    }

    fn top(&self, query: &str) -> tantivy::Result<usize> {
        let stems = engine::analysis::spans(query, Some("en"));
        let clauses = stems
            .into_iter()
            .filter_map(|token| token.stem)
            .map(|stem| {
                let term = tantivy::Term::from_field_text(self.field, &stem);
                let query = TermQuery::new(term, IndexRecordOption::WithFreqs);
                (
                    Occur::Should,
                    Box::new(query) as Box<dyn tantivy::query::Query>,
                )
            });
        let query = BooleanQuery::new(clauses.collect());
        let top = self
            .searcher
            .search(&query, &TopDocs::with_limit(10).order_by_score())?;
        Ok(top.len())
    }
}

/// Ids spread evenly over all there are, as ids are hashes.
fn sample_ids(view: &dyn engine::View) -> Result<Vec<DocumentId>, engine::EngineError> {
    let mut ids = Vec::new();
    for step in 0..=255_u8 {
        let mut start = [0; 16];
        start[0] = step;
        ids.extend(view.ids_after(Some(DocumentId(start)), 2)?);
    }
    ids.sort_unstable();
    ids.dedup();
    Ok(ids)
}
