//! Runs: what was found for each topic, in order.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::FormatError;

/// Documents by topic, best first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Run(BTreeMap<String, Vec<String>>);

impl Run {
    /// Reads a TREC run: `topic Q0 document rank score tag`. Documents stand in the order of
    /// their scores, ties in the order of the lines (TREC's own tool breaks ties by document).
    pub fn parse(text: &str) -> Result<Self, FormatError> {
        let mut scored: BTreeMap<String, Vec<(f64, String)>> = BTreeMap::new();
        for (number, line) in text.lines().enumerate() {
            let parts: Vec<&str> = line.split_whitespace().collect();
            let wrong = || FormatError {
                line: number + 1,
                what: "result",
                text: line.to_owned(),
            };
            let (topic, document, score) = match parts.as_slice() {
                [] => continue,
                [topic, _, document, _, score, ..] => (topic, document, score),
                _ => return Err(wrong()),
            };
            let score: f64 = score.parse().map_err(|_| wrong())?;
            let list = scored.entry((*topic).to_owned()).or_default();
            list.push((score, (*document).to_owned()));
        }
        let mut run = Self::default();
        for (topic, mut list) in scored {
            list.sort_by(|(a, _), (b, _)| b.total_cmp(a));
            let documents = list.into_iter().map(|(_, document)| document);
            run.0.insert(topic, documents.collect());
        }
        Ok(run)
    }

    /// Sets what was found for a topic, best first.
    pub fn set(&mut self, topic: &str, documents: Vec<String>) {
        self.0.insert(topic.to_owned(), documents);
    }

    /// What was found for a topic, best first; nothing for a topic that was not asked.
    pub fn found(&self, topic: &str) -> &[String] {
        self.0.get(topic).map_or(&[], Vec::as_slice)
    }

    /// The run as TREC's tools read it; the score is one over the rank.
    pub fn to_trec(&self, tag: &str) -> String {
        let mut text = String::new();
        for (topic, documents) in &self.0 {
            for (place, document) in documents.iter().enumerate() {
                let rank = place + 1;
                let score = 1.0 / rank as f64;
                // Writing to a string cannot fail.
                let _written = writeln!(text, "{topic} Q0 {document} {rank} {score:.6} {tag}");
            }
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_is_read() {
        let mut run = Run::default();
        run.set("q1", vec!["d2".into(), "d1".into()]);
        run.set("q2", vec!["d9".into()]);
        assert_eq!(Run::parse(&run.to_trec("x")).unwrap(), run);
        let run = Run::parse("q1 Q0 d1 1 0.5 x\nq1 Q0 d2 2 0.9 x\n").unwrap();
        assert_eq!(run.found("q1"), ["d2", "d1"]);
        assert!(run.found("q9").is_empty());
        assert!(Run::parse("q1 d1\n").is_err());
        assert!(Run::parse("q1 Q0 d1 1 high x\n").is_err());
    }
}
