//! The model: one weight per feature.

use model::hit::Feature;

/// What each feature is multiplied with.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Weights([f32; Feature::ALL.len()]);

impl Weights {
    /// The weight of a feature.
    pub fn of(&self, feature: Feature) -> f32 {
        let place = Feature::ALL.iter().position(|known| *known == feature);
        place
            .and_then(|place| self.0.get(place))
            .copied()
            .unwrap_or_default()
    }

    /// The same with another weight for one feature.
    #[must_use]
    pub fn with(mut self, feature: Feature, weight: f32) -> Self {
        let place = Feature::ALL.iter().position(|known| *known == feature);
        if let Some(slot) = place.and_then(|place| self.0.get_mut(place)) {
            *slot = weight;
        }
        self
    }
}

/// Text 1 by definition. Title, passage and proximity: from the grid of `tests/it/relevance.rs`,
/// nDCG@10 on SciFact, Cranfield, CACM, NFCorpus-dev:
///
/// | weights | | mean |
/// |---|---|---|
/// | text alone | .683 .387 .486 .295 | .463 |
/// | these | .691 .398 .509 .297 | .474 |
/// | best of the grid (passage .4) | .694 .399 .509 .298 | .475 |
/// | chosen on three, measured on the fourth | .687 .399 .499 .298 | .470 |
///
/// Those topics are questions and titles. Of 120 runs of six words from two PDFs, among 221 pages
/// and PDFs on the same subjects, the page that they stand on comes first for 86 with passage .05,
/// 111 with .4, 113 with .6, 116 with .8, where a phrase that a footnote quotes begins to outweigh
/// what a page is about. The others have nothing to be measured on yet and are
/// guesses: anchors by their rank in `search-core.md`, section 6.
impl Default for Weights {
    fn default() -> Self {
        Self([0.0; Feature::ALL.len()])
            .with(Feature::Text, 1.0)
            .with(Feature::Title, 0.4)
            .with(Feature::Passage, 0.6)
            .with(Feature::Proximity, 0.4)
            .with(Feature::Anchor, 0.4)
            .with(Feature::Address, 0.05)
            .with(Feature::Links, 0.1)
            .with(Feature::Language, 0.1)
            .with(Feature::Thin, -0.1)
    }
}
