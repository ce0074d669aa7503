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
/// | these | .693 .401 .498 .297 | .472 |
/// | best of the grid (title .4, passage 0, proximity .4) | .694 .402 .504 .297 | .474 |
/// | chosen on three, measured on the fourth | .687 .402 .499 .297 | .471 |
///
/// Documents there have one passage, so they cannot judge that weight; .05 is a guess that long
/// documents whose words stand together deserve something. The others have nothing to be measured
/// on yet and are guesses: anchors by their rank in `search-core.md`, section 6.
impl Default for Weights {
    fn default() -> Self {
        Self([0.0; Feature::ALL.len()])
            .with(Feature::Text, 1.0)
            .with(Feature::Title, 0.4)
            .with(Feature::Passage, 0.05)
            .with(Feature::Proximity, 0.4)
            .with(Feature::Anchor, 0.4)
            .with(Feature::Address, 0.05)
            .with(Feature::Links, 0.1)
            .with(Feature::Language, 0.1)
            .with(Feature::Thin, -0.1)
    }
}
