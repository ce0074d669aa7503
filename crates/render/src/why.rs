//! Why a result stands where it stands, in words.

use model::hit::{Evidence, Feature};

/// One reason.
#[derive(Clone, Debug, PartialEq)]
pub struct Reason {
    /// Its name in machine formats: `title`.
    pub name: &'static str,
    /// What was looked at: `query words in the title`.
    pub words: &'static str,
    /// What was found, see [`Feature`].
    pub value: f32,
    /// How much that counts.
    pub weight: f32,
}

impl Reason {
    /// What it adds to the score.
    pub fn adds(&self) -> f32 {
        self.value * self.weight
    }
}

/// The evidence in words, in the order in which it was given.
pub fn why(explanation: &[Evidence]) -> Vec<Reason> {
    let reason = |evidence: &Evidence| {
        let (name, words) = described(evidence.feature);
        Reason {
            name,
            words,
            value: evidence.value,
            weight: evidence.weight,
        }
    };
    explanation.iter().map(reason).collect()
}

fn described(feature: Feature) -> (&'static str, &'static str) {
    match feature {
        Feature::Text => ("text", "how often and how rare the words are in the text"),
        Feature::Anchor => ("anchor", "words in links that point here"),
        Feature::Address => ("address", "words in the address"),
        Feature::Proximity => ("proximity", "words next to each other, as you typed them"),
        Feature::Title => ("title", "words in the title"),
        Feature::Passage => ("passage", "words together in one passage"),
        Feature::Links => ("links", "other sites that link here"),
        Feature::Language => ("language", "written in a language of yours"),
        Feature::Thin => ("thin", "hardly any text"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_feature_has_its_own_name_and_words() {
        let evidence = Feature::ALL.map(|feature| Evidence {
            feature,
            value: 0.5,
            weight: 2.0,
        });
        let reasons = why(&evidence);
        for (at, reason) in reasons.iter().enumerate() {
            assert!((reason.adds() - 1.0).abs() < f32::EPSILON);
            assert!(!reason.words.is_empty());
            let same = |other: &Reason| other.name == reason.name || other.words == reason.words;
            assert_eq!(reasons.iter().position(same), Some(at));
        }
    }
}
