//! Walks over the documents of one segment that match a part of a query.

use tantivy::columnar::Column;
use tantivy::fieldnorm::FieldNormReader;
use tantivy::postings::{Postings, SegmentPostings};
use tantivy::{DocSet, TERMINATED};

use crate::entry::in_region;
use crate::naive::Scores;
use crate::terms::Region;

/// A walk in order of document numbers. A new one stands at its first document.
pub(super) trait Node {
    /// The document it stands at, [`TERMINATED`] behind the last.
    fn doc(&self) -> u32;
    /// Goes to the first document from `target` on, which lies behind the one it stands at.
    fn seek(&mut self, target: u32) -> u32;
    /// Adds the scores of the document it stands at.
    fn score(&mut self, _scores: &mut Scores) {}
    /// First and last position of each place in the document it stands at, for sides of `NEAR`.
    fn spans(&mut self, _spans: &mut Vec<(u32, u32)>) {}
    /// How many documents it has, roughly.
    fn cost(&self) -> u32;

    /// Goes to the first document from `target` on, where it stands before it.
    fn reach(&mut self, target: u32) -> u32 {
        if self.doc() < target {
            self.seek(target)
        } else {
            self.doc()
        }
    }

    /// Whether a document matches; documents must be asked for in order.
    fn holds(&mut self, doc: u32) -> bool {
        self.reach(doc) == doc
    }
}

pub(super) type BoxNode = Box<dyn Node>;

/// No document.
pub(super) struct Nothing;

impl Node for Nothing {
    fn doc(&self) -> u32 {
        TERMINATED
    }
    fn seek(&mut self, _target: u32) -> u32 {
        TERMINATED
    }
    fn cost(&self) -> u32 {
        0
    }
}

/// Documents that hold a term, without scores.
pub(super) struct Tagged(pub(super) SegmentPostings);

impl Node for Tagged {
    fn doc(&self) -> u32 {
        self.0.doc()
    }
    fn seek(&mut self, target: u32) -> u32 {
        self.0.seek(target)
    }
    fn cost(&self) -> u32 {
        self.0.doc_freq()
    }
}

/// Documents of a walk, without its scores.
pub(super) struct Quiet(pub(super) BoxNode);

impl Node for Quiet {
    fn doc(&self) -> u32 {
        self.0.doc()
    }
    fn seek(&mut self, target: u32) -> u32 {
        self.0.seek(target)
    }
    fn cost(&self) -> u32 {
        self.0.cost()
    }
}

/// How a field of a segment scores.
#[derive(Clone)]
pub(super) struct Scoring {
    pub(super) norms: FieldNormReader,
    /// BM25's length part by quantised length.
    pub(super) by_length: std::sync::Arc<[f32; 256]>,
    pub(super) channel: usize,
}

impl Scoring {
    /// `weight` is the idf times k1 + 1.
    fn add(&self, doc: u32, frequency: u32, weight: f32, scores: &mut Scores) {
        let norm = self.by_length[usize::from(self.norms.fieldnorm_id(doc))];
        let frequency = frequency as f32;
        if let Some(score) = scores.get_mut(self.channel) {
            *score += weight * frequency / (frequency + norm);
        }
    }
}

/// What a region needs to know of documents.
#[derive(Clone)]
pub(super) struct Gate {
    pub(super) region: Region,
    pub(super) length: Option<Column<u64>>,
    pub(super) title_length: Option<Column<u64>>,
}

impl Gate {
    fn keep(&self, doc: u32, places: &mut Vec<u32>, last_offset: u32) {
        if self.region == Region::Whole {
            return;
        }
        let value = |column: &Option<Column<u64>>| {
            column
                .as_ref()
                .and_then(|column| column.first(doc))
                .unwrap_or_default() as u32
        };
        let (body, title) = (value(&self.length), value(&self.title_length));
        let inside = |place| in_region(self.region, place, body, title);
        places.retain(|&place| inside(place) && inside(place + last_offset));
    }
}

/// Documents that hold a term or a phrase.
pub(super) struct Leaf {
    /// Offset in the phrase and postings, rarest first; never empty.
    postings: Vec<(u32, SegmentPostings)>,
    last_offset: u32,
    weight: f32,
    scoring: Scoring,
    gate: Gate,
    doc: u32,
    /// Where the phrase begins in `doc`; empty for a term that needs no look at positions.
    starts: Vec<u32>,
    buffer: Vec<u32>,
}

impl Leaf {
    pub(super) fn new(
        mut postings: Vec<(u32, SegmentPostings)>,
        weight: f32,
        scoring: Scoring,
        gate: Gate,
    ) -> Self {
        let last_offset = postings
            .iter()
            .map(|(offset, _)| *offset)
            .max()
            .unwrap_or(0);
        postings.sort_by_key(|(_, postings)| postings.doc_freq());
        let mut leaf = Self {
            postings,
            last_offset,
            weight,
            scoring,
            gate,
            doc: 0,
            starts: Vec::new(),
            buffer: Vec::new(),
        };
        leaf.settle(0);
        leaf
    }

    fn is_plain(&self) -> bool {
        self.postings.len() == 1 && self.gate.region == Region::Whole
    }

    /// Goes on from `target` until the places fit.
    fn settle(&mut self, mut target: u32) {
        loop {
            self.doc = self.common(target);
            if self.doc == TERMINATED || self.is_plain() {
                return;
            }
            self.read_starts();
            if !self.starts.is_empty() {
                return;
            }
            target = self.doc + 1;
        }
    }

    /// The first document from `target` on that all postings have.
    fn common(&mut self, mut target: u32) -> u32 {
        loop {
            let mut furthest = target;
            for (_, postings) in &mut self.postings {
                if postings.doc() < furthest {
                    postings.seek(furthest);
                }
                furthest = furthest.max(postings.doc());
            }
            if furthest == target || furthest == TERMINATED {
                return furthest;
            }
            target = furthest;
        }
    }

    fn read_starts(&mut self) {
        let mut is_first = true;
        for (offset, postings) in &mut self.postings {
            postings.positions(&mut self.buffer);
            if is_first {
                let begins = self
                    .buffer
                    .iter()
                    .filter_map(|place| place.checked_sub(*offset));
                self.starts.clear();
                self.starts.extend(begins);
                is_first = false;
            } else {
                let buffer = &self.buffer;
                self.starts
                    .retain(|start| buffer.binary_search(&(start + *offset)).is_ok());
            }
        }
        self.gate.keep(self.doc, &mut self.starts, self.last_offset);
    }
}

impl Node for Leaf {
    fn doc(&self) -> u32 {
        self.doc
    }

    fn seek(&mut self, target: u32) -> u32 {
        self.settle(target);
        self.doc
    }

    fn score(&mut self, scores: &mut Scores) {
        // A region gates a term and does not change its score.
        let frequency = match self.postings.as_slice() {
            [(_, postings)] => postings.term_freq(),
            _ => self.starts.len() as u32,
        };
        self.scoring.add(self.doc, frequency, self.weight, scores);
    }

    fn spans(&mut self, spans: &mut Vec<(u32, u32)>) {
        if self.is_plain() {
            self.read_starts();
        }
        let length = self.last_offset;
        spans.extend(self.starts.iter().map(|&start| (start, start + length)));
    }

    fn cost(&self) -> u32 {
        self.postings
            .first()
            .map_or(0, |(_, postings)| postings.doc_freq())
    }
}

/// Documents of any member.
pub(super) struct Any {
    members: Vec<BoxNode>,
    doc: u32,
}

impl Any {
    pub(super) fn new(members: Vec<BoxNode>) -> Self {
        let doc = members
            .iter()
            .map(|member| member.doc())
            .min()
            .unwrap_or(TERMINATED);
        Self { members, doc }
    }
}

impl Node for Any {
    fn doc(&self) -> u32 {
        self.doc
    }

    fn seek(&mut self, target: u32) -> u32 {
        self.doc = TERMINATED;
        for member in &mut self.members {
            self.doc = self.doc.min(member.reach(target));
        }
        self.doc
    }

    fn score(&mut self, scores: &mut Scores) {
        for member in &mut self.members {
            if member.doc() == self.doc {
                member.score(scores);
            }
        }
    }

    fn spans(&mut self, spans: &mut Vec<(u32, u32)>) {
        for member in &mut self.members {
            if member.doc() == self.doc {
                member.spans(spans);
            }
        }
    }

    fn cost(&self) -> u32 {
        self.members
            .iter()
            .fold(0, |sum, member| sum.saturating_add(member.cost()))
    }
}

/// Documents of either; the second scores where the first does not match.
pub(super) struct Else {
    sides: [BoxNode; 2],
    doc: u32,
}

impl Else {
    pub(super) fn new(first: BoxNode, second: BoxNode) -> Self {
        let doc = first.doc().min(second.doc());
        Self {
            sides: [first, second],
            doc,
        }
    }
}

impl Node for Else {
    fn doc(&self) -> u32 {
        self.doc
    }

    fn seek(&mut self, target: u32) -> u32 {
        let [first, second] = &mut self.sides;
        // The second is looked at only where the first leaves a gap.
        let doc = first.reach(target);
        self.doc = if doc == target {
            doc
        } else {
            doc.min(second.reach(target))
        };
        self.doc
    }

    fn score(&mut self, scores: &mut Scores) {
        let doc = self.doc;
        if let Some(side) = self.sides.iter_mut().find(|side| side.doc() == doc) {
            side.score(scores);
        }
    }

    fn spans(&mut self, spans: &mut Vec<(u32, u32)>) {
        let doc = self.doc;
        for side in &mut self.sides {
            // The second may still stand before it.
            if side.holds(doc) {
                side.spans(spans);
            }
        }
    }

    fn cost(&self) -> u32 {
        let [first, second] = &self.sides;
        first.cost().saturating_add(second.cost())
    }
}

/// Documents of all required members; optional ones score where they match.
pub(super) struct All {
    /// In the order of the query, so that sums are the same in every segment; never empty.
    required: Vec<BoxNode>,
    /// Their numbers, rarest first.
    order: Vec<usize>,
    optional: Vec<BoxNode>,
    doc: u32,
}

impl All {
    pub(super) fn new(required: Vec<BoxNode>, optional: Vec<BoxNode>) -> Self {
        let mut order: Vec<usize> = (0..required.len()).collect();
        order.sort_by_key(|&number| required.get(number).map(|member| member.cost()));
        let mut all = Self {
            required,
            order,
            optional,
            doc: 0,
        };
        all.seek(0);
        all
    }
}

impl Node for All {
    fn doc(&self) -> u32 {
        self.doc
    }

    fn seek(&mut self, mut target: u32) -> u32 {
        'candidates: loop {
            for &number in &self.order {
                let Some(member) = self.required.get_mut(number) else {
                    continue;
                };
                let doc = member.reach(target);
                if doc > target {
                    target = doc;
                    if doc == TERMINATED {
                        break 'candidates;
                    }
                    continue 'candidates;
                }
            }
            break;
        }
        self.doc = target;
        target
    }

    fn score(&mut self, scores: &mut Scores) {
        for member in &mut self.required {
            member.score(scores);
        }
        for member in &mut self.optional {
            if member.holds(self.doc) {
                member.score(scores);
            }
        }
    }

    fn cost(&self) -> u32 {
        let costs = self.required.iter().map(|member| member.cost());
        costs.min().unwrap_or(0)
    }
}

/// Documents where two sides stand close together.
pub(super) struct Near {
    sides: [BoxNode; 2],
    apart: u32,
    doc: u32,
}

impl Near {
    pub(super) fn new(left: BoxNode, right: BoxNode, apart: u32) -> Self {
        let mut near = Self {
            sides: [left, right],
            apart,
            doc: 0,
        };
        near.seek(0);
        near
    }

    fn are_close(&mut self) -> bool {
        let [left, right] = &mut self.sides;
        let (mut lefts, mut rights) = (Vec::new(), Vec::new());
        left.spans(&mut lefts);
        right.spans(&mut rights);
        lefts.sort_unstable();
        rights.sort_unstable();
        let follows = |first: &[(u32, u32)], second: &[(u32, u32)]| {
            first.iter().any(|(_, end)| {
                let next = second.get(second.partition_point(|(start, _)| start <= end));
                next.is_some_and(|(start, _)| start - end - 1 <= self.apart)
            })
        };
        follows(&lefts, &rights) || follows(&rights, &lefts)
    }
}

impl Node for Near {
    fn doc(&self) -> u32 {
        self.doc
    }

    fn seek(&mut self, mut target: u32) -> u32 {
        loop {
            let [left, right] = &mut self.sides;
            let doc = left.reach(target);
            let other = right.reach(doc);
            if doc == TERMINATED || other == TERMINATED {
                self.doc = TERMINATED;
                return self.doc;
            }
            if doc == other && self.are_close() {
                self.doc = doc;
                return doc;
            }
            target = if doc == other { doc + 1 } else { other };
        }
    }

    fn score(&mut self, scores: &mut Scores) {
        for side in &mut self.sides {
            side.score(scores);
        }
    }

    fn cost(&self) -> u32 {
        let [left, right] = &self.sides;
        left.cost().min(right.cost())
    }
}

/// Documents for which a condition on their number holds; deleted ones among them.
pub(super) struct Where<F> {
    condition: F,
    documents: u32,
    doc: u32,
}

impl<F: FnMut(u32) -> bool> Where<F> {
    pub(super) fn new(documents: u32, condition: F) -> Self {
        let mut found = Self {
            condition,
            documents,
            doc: 0,
        };
        found.seek(0);
        found
    }
}

impl<F: FnMut(u32) -> bool> Node for Where<F> {
    fn doc(&self) -> u32 {
        self.doc
    }

    fn seek(&mut self, target: u32) -> u32 {
        let mut rest = target..self.documents;
        self.doc = rest
            .find(|&doc| (self.condition)(doc))
            .unwrap_or(TERMINATED);
        self.doc
    }

    fn cost(&self) -> u32 {
        self.documents
    }
}
