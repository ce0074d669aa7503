//! Judgements: which documents answer a topic, and how well.

use std::collections::BTreeMap;

use crate::FormatError;

/// Grades by topic and document. 0 and below: does not answer; 1 and above: answers, more is
/// better.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Qrels(BTreeMap<String, BTreeMap<String, i32>>);

impl Qrels {
    /// Reads the tables of BEIR (`query-id corpus-id score`, by tabs, a header line) and of TREC
    /// (`topic 0 document grade`, by any space).
    pub fn parse(text: &str) -> Result<Self, FormatError> {
        let mut qrels = Self::default();
        for (number, line) in text.lines().enumerate() {
            let parts: Vec<&str> = line.split_whitespace().collect();
            let (topic, document, grade) = match parts.as_slice() {
                [] => continue,
                ["query-id", ..] if number == 0 => continue,
                [topic, document, grade] | [topic, _, document, grade] => (topic, document, grade),
                _ => return Err(wrong(number, line)),
            };
            let grade = grade.parse().map_err(|_| wrong(number, line))?;
            qrels.judge(topic, document, grade);
        }
        Ok(qrels)
    }

    /// Sets the grade of a document for a topic.
    pub fn judge(&mut self, topic: &str, document: &str, grade: i32) {
        let grades = self.0.entry(topic.to_owned()).or_default();
        grades.insert(document.to_owned(), grade);
    }

    /// The topics, in order of their names.
    pub fn topics(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// The grade of a document; 0 where nobody judged it.
    pub fn grade(&self, topic: &str, document: &str) -> i32 {
        let grade = self.0.get(topic).and_then(|grades| grades.get(document));
        grade.copied().unwrap_or(0)
    }

    /// The grades above 0 of a topic, best first.
    pub fn good(&self, topic: &str) -> Vec<i32> {
        let grades = self.0.get(topic).into_iter().flat_map(BTreeMap::values);
        let mut good: Vec<i32> = grades.copied().filter(|grade| *grade > 0).collect();
        good.sort_unstable_by_key(|grade| std::cmp::Reverse(*grade));
        good
    }
}

fn wrong(number: usize, line: &str) -> FormatError {
    FormatError {
        line: number + 1,
        what: "judgement",
        text: line.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_tables_are_read() {
        let beir = Qrels::parse("query-id\tcorpus-id\tscore\nq1\td1\t2\nq1\td2\t0\n").unwrap();
        let trec = Qrels::parse("q1 0 d1 2\nq1 0 d2 0\n\n").unwrap();
        assert_eq!(beir, trec);
        assert_eq!(beir.grade("q1", "d1"), 2);
        assert_eq!(beir.grade("q1", "d3"), 0);
        assert_eq!(beir.good("q1"), [2]);
        assert_eq!(beir.topics().collect::<Vec<_>>(), ["q1"]);
        assert_eq!(Qrels::parse("a b\n").unwrap_err().line, 1);
        let wrong = Qrels::parse("q 0 d 1\nq 0 d x\n").unwrap_err();
        assert_eq!(wrong.to_string(), "line 2 is no judgement: `q 0 d x`");
    }
}
