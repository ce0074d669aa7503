//! JSON cut into its members without reading what is in them: answers nest as deep as people
//! argue, and a file that ends in the middle still has its beginning.

/// The members of an object, keys as they are written (without quotation marks), in their order;
/// nothing for what is no object. Ends where the text does.
pub(super) fn members(text: &str) -> impl Iterator<Item = (&str, &str)> {
    let mut rest = text.trim_start().strip_prefix('{').unwrap_or_default();
    std::iter::from_fn(move || {
        rest = rest.trim_start().trim_start_matches(',').trim_start();
        let (key, behind) = split(rest)?;
        let key = key.strip_prefix('"')?.strip_suffix('"')?;
        let (value, behind) = split(behind.trim_start().strip_prefix(':')?.trim_start())?;
        rest = behind;
        Some((key, value))
    })
}

/// The elements of an array, in their order; nothing for what is no array. Ends where the text
/// does.
pub(super) fn elements(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text.trim_start().strip_prefix('[').unwrap_or_default();
    std::iter::from_fn(move || {
        rest = rest.trim_start().trim_start_matches(',').trim_start();
        let (value, behind) = split(rest)?;
        rest = behind;
        Some(value)
    })
}

/// The value of the first member of that name.
pub(super) fn member<'t>(text: &'t str, name: &str) -> Option<&'t str> {
    members(text).find_map(|(key, value)| (key == name).then_some(value))
}

/// The value at the beginning of a text, and what is behind it; `None` where it is not whole.
fn split(text: &str) -> Option<(&str, &str)> {
    let bytes = text.as_bytes();
    let mut depth = 0_usize;
    let mut at = 0;
    loop {
        match *bytes.get(at)? {
            b'"' => {
                at += 1;
                loop {
                    match *bytes.get(at)? {
                        b'\\' => at += 2,
                        b'"' => break,
                        _ => at += 1,
                    }
                }
                at += 1;
                if depth == 0 {
                    return text.split_at_checked(at);
                }
            }
            b'[' | b'{' => {
                depth += 1;
                at += 1;
            }
            b']' | b'}' => {
                // A bracket that closes what is around it: there is no further value.
                depth = depth.checked_sub(1)?;
                at += 1;
                if depth == 0 {
                    return text.split_at_checked(at);
                }
            }
            _ if depth > 0 => at += 1,
            b',' | b':' => return None,
            // A number or a word.
            _ => {
                let end = text
                    .find([',', ']', '}', ' ', '\n', '\r', '\t', ':'])
                    .filter(|end| *end > 0)?;
                return text.split_at_checked(end);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        let mut found: Vec<String> = members(text).map(|(k, v)| format!("{k}={v}")).collect();
        found.extend(elements(text).map(str::to_owned));
        assert_eq!(found, expected);
    }

    #[test]
    fn members_and_elements() {
        check(
            r#" {"a": {"b": [1, "}"]}, "c":null,"d\"":"\\" } "#,
            &[r#"a={"b": [1, "}"]}"#, "c=null", r#"d\"="\\""#],
        );
        check(
            r#"[1, [2, [3]], "x", {"y": 4}]"#,
            &["1", "[2, [3]]", r#""x""#, r#"{"y": 4}"#],
        );
        check("[]", &[]);
        check("{}", &[]);
        check("7", &[]);
    }

    #[test]
    fn what_is_cut_has_its_beginning() {
        check(r#"[{"a":1},{"a":2},{"a"#, &[r#"{"a":1}"#, r#"{"a":2}"#]);
        check(r#"{"a":1,"b":"x"#, &["a=1"]);
        check(r#"["\"#, &[]);
    }

    #[test]
    fn depth_costs_no_stack() {
        let deep = format!("[{}{}]", "[".repeat(1_000_000), "]".repeat(1_000_000));
        assert_eq!(elements(&deep).count(), 1);
    }

    proptest! {
        #[test]
        fn any_text_ends(text in "[\\[\\]{}\":,\\\\a1 é]{0,60}") {
            prop_assert!(members(&text).count() + elements(&text).count() <= text.len());
        }

        #[test]
        fn agrees_with_serde(list in proptest::collection::vec("\\PC{0,8}", 0..5)) {
            let text = serde_json::to_string(&list).unwrap();
            let found: Vec<String> = elements(&text).map(|e| serde_json::from_str(e).unwrap()).collect();
            prop_assert_eq!(found, list);
        }
    }
}
