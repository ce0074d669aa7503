//! Contrast of the colours in the style sheet (WCAG 2.2, success criteria 1.4.3 and 1.4.11).

use render::STYLE;

/// Light and dark value of a variable, as red, green, blue.
fn colours(name: &str) -> [[u8; 3]; 2] {
    let rule = format!("--{name}: light-dark(");
    let (_, rest) = STYLE
        .split_once(&rule)
        .unwrap_or_else(|| panic!("no colour --{name}"));
    let (values, _) = rest.split_once(')').unwrap();
    let both: Vec<[u8; 3]> = values
        .split(',')
        .map(|value| {
            let digits = value.trim().strip_prefix('#').unwrap();
            assert_eq!(digits.len(), 6, "--{name}");
            let channel = |at: usize| u8::from_str_radix(&digits[at..at + 2], 16).unwrap();
            [channel(0), channel(2), channel(4)]
        })
        .collect();
    both.try_into().unwrap()
}

/// Relative luminance (WCAG 2.2, definitions).
fn luminance(colour: [u8; 3]) -> f64 {
    let linear = colour.map(|channel| {
        let value = f64::from(channel) / 255.0;
        if value <= 0.04045 {
            value / 12.92
        } else {
            ((value + 0.055) / 1.055).powf(2.4)
        }
    });
    0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
}

#[track_caller]
fn check(front: &str, ground: &str, at_least: f64) {
    for (scheme, (front_colour, ground_colour)) in ["light", "dark"]
        .iter()
        .zip(colours(front).into_iter().zip(colours(ground)))
    {
        let (a, b) = (luminance(front_colour), luminance(ground_colour));
        let contrast = (a.max(b) + 0.05) / (a.min(b) + 0.05);
        assert!(
            contrast >= at_least,
            "--{front} on --{ground}, {scheme}: {contrast:.2}"
        );
    }
}

#[test]
fn text_can_be_read() {
    for text in ["ink", "soft", "link", "seen", "accent"] {
        check(text, "ground", 4.5);
        check(text, "raised", 4.5);
    }
    check("ink", "mark", 4.5);
    check("shine", "shade", 4.5);
}

#[test]
fn edges_of_controls_can_be_seen() {
    for edge in ["edge", "accent"] {
        check(edge, "ground", 3.0);
        check(edge, "raised", 3.0);
    }
}

#[test]
fn every_colour_is_a_variable() {
    let (_, rules) = STYLE.split_once("--name:").unwrap();
    assert!(
        !rules.contains('#'),
        "a colour outside the variables has no contrast test"
    );
    assert!(
        !rules.contains("rgb"),
        "a colour outside the variables has no contrast test"
    );
    assert!(
        !STYLE.contains("url(") && !STYLE.contains("@import"),
        "nothing is loaded"
    );
}
