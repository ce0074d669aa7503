//! What every engine promises of finding: filters, fields, languages, passages.

use model::document::DocumentId;
use model::document::Kind;
use model::hit::Channel;
use model::query::{Expr, Filter, Plan, Scope, SitePattern, Test, Undated};

use super::example::{ALL_CHANNELS, Example, find, word, write};
use super::{canal, finds, ids, river};
use crate::{Change, Engine, EngineError, Facet};

pub(super) fn filters_count_what_they_remove(engine: &dyn Engine) -> Result<(), EngineError> {
    let dated = |example: Example, date: &str| {
        example.with(|document| document.published = date.parse().ok())
    };
    let early = dated(river(), "2019-05");
    let late = dated(canal(), "2021-02-03").with(|document| {
        document.language = Some("de-AT".into());
        document.author = Some("Ada Lindqvist, Ben Orr".into());
    });
    let undated = Example::page(
        "https://canals.example/file.TXT?x=1",
        "Canal",
        &["Undated."],
    )
    .at(1_700_000_300)
    .link("https://www.news.example/veldania/", "news");
    write(
        engine,
        [early.changes(), late.changes(), undated.changes()].concat(),
    )?;
    let view = engine.view()?;
    let check = |test: Test, negated: bool, expected: &[&Example], counts: (u64, u64)| {
        let filter = [Filter { test, negated }];
        let found = find(&*view, &word("canal"), &filter)?;
        let mut got = ids(&found);
        got.sort();
        let mut expected: Vec<DocumentId> = expected.iter().map(|e| e.id()).collect();
        expected.sort();
        assert_eq!(got, expected, "{filter:?}");
        for removed in found.removed {
            let got = (removed.removed.count(), removed.undated.count());
            assert_eq!(got, counts, "{filter:?}");
        }
        Ok::<(), EngineError>(())
    };
    let published = |undated| Test::Published {
        from: Some(18_262),
        until: None,
        undated,
    };
    let site = |host: &str, path: Option<&str>| {
        let path = path.map(Into::into);
        vec![SitePattern {
            host: host.into(),
            path,
        }]
    };
    check(published(Undated::Exclude), false, &[&late], (2, 1))?;
    check(
        published(Undated::Include),
        false,
        &[&late, &undated],
        (1, 0),
    )?;
    check(published(Undated::Only), false, &[&undated], (2, 0))?;
    check(
        published(Undated::Exclude),
        true,
        &[&early, &undated],
        (1, 0),
    )?;
    check(Test::HasDate, false, &[&early, &late], (1, 0))?;
    check(
        Test::Site(site("canals.example", None)),
        false,
        &[&late, &undated],
        (1, 0),
    )?;
    check(
        Test::Site(site("news.example", Some("/veldania"))),
        false,
        &[&early],
        (2, 0),
    )?;
    check(Test::Site(site("example", None)), true, &[], (3, 0))?;
    check(
        Test::Links(site("news.example", None)),
        false,
        &[&undated],
        (2, 0),
    )?;
    check(
        Test::Extension(vec!["txt".into()]),
        false,
        &[&undated],
        (2, 0),
    )?;
    check(Test::FileType(vec!["html".into()]), true, &[], (3, 0))?;
    check(
        Test::Kind(vec![Kind::Page]),
        false,
        &[&early, &late, &undated],
        (0, 0),
    )?;
    check(Test::Language(vec!["de".into()]), false, &[&late], (2, 0))?;
    check(
        Test::Author(vec!["lindqvist".into()]),
        false,
        &[&late],
        (2, 0),
    )?;
    check(
        Test::Author(vec!["lindqvist ben".into()]),
        false,
        &[&late],
        (2, 0),
    )?;
    check(Test::Author(vec!["lind".into()]), false, &[], (3, 0))?;
    check(Test::Collection(vec!["news".into()]), true, &[], (3, 0))?;
    check(Test::HasCaptures, false, &[], (3, 0))?;

    let inside = Expr::And(vec![
        word("canal"),
        Expr::Or(vec![
            Expr::Filter(Filter {
                test: Test::HasDate,
                negated: true,
            }),
            word("winter"),
        ]),
    ]);
    finds(&*view, &inside, &[&late, &undated])?;
    let german = Filter {
        test: Test::Language(vec!["de".into()]),
        negated: true,
    };
    let sites = vec![
        ("canals.example".to_owned(), 1),
        ("news.example".to_owned(), 1),
    ];
    assert_eq!(view.counts(Facet::Site, &[german])?, sites);
    let languages = vec![("en".to_owned(), 2), ("de".to_owned(), 1)];
    assert_eq!(view.counts(Facet::Language, &[])?, languages);
    Ok(())
}

pub(super) fn fields_and_phrases(engine: &dyn Engine) -> Result<(), EngineError> {
    let treaty = river();
    let boats = canal();
    let email = Example::page(
        "https://mail.example/std",
        "Using std::vec in C++",
        &["Café owners send e-mail about the U.S. market. Syria's rivers."],
    )
    .at(1_700_000_400);
    write(
        engine,
        [treaty.changes(), boats.changes(), email.changes()].concat(),
    )?;
    let view = engine.view()?;
    let check = |expr: Expr, expected: &[&Example]| finds(&*view, &expr, expected);
    let phrase = |words: &str| {
        let words = words.split(' ').map(|w| (w != "*").then(|| w.to_owned()));
        Expr::Phrase(words.collect())
    };
    let within = |scope, expr: Expr| Expr::In(scope, Box::new(expr));
    let not = |expr: Expr| Expr::Not(Box::new(expr));
    check(word("rivers"), &[&treaty, &email])?;
    check(Expr::Exact("rivers".into()), &[&email])?;
    check(Expr::Exact("Rivers".into()), &[&email])?;
    check(phrase("shared river"), &[&treaty])?;
    check(phrase("shared rivers"), &[])?;
    check(phrase("signed * treaty"), &[&treaty])?;
    check(phrase("river treaty"), &[&treaty])?;
    // Not from the last passage into the title.
    check(phrase("spring river"), &[])?;
    check(phrase("river the canal"), &[&treaty])?;
    check(Expr::Prefix("trea".into()), &[&treaty])?;
    check(within(Scope::Title, word("river")), &[&treaty])?;
    check(within(Scope::Title, word("canal")), &[&boats])?;
    check(within(Scope::Body, word("canal")), &[&treaty, &boats])?;
    check(within(Scope::Body, Expr::Exact("canals".into())), &[])?;
    check(within(Scope::Page, word("std")), &[&email])?;
    check(within(Scope::Url, word("veldania")), &[&treaty])?;
    check(within(Scope::Title, phrase("treaty signed")), &[&treaty])?;
    check(within(Scope::Body, phrase("treaty signed")), &[])?;
    check(within(Scope::Url, phrase("river treaty")), &[&treaty])?;
    check(word("std::vec"), &[&email])?;
    check(word("C++"), &[&email])?;
    check(word("e-mail"), &[&email])?;
    check(word("cafe"), &[&email])?;
    check(word("Syria"), &[&email])?;
    check(word("US"), &[&email])?;
    check(
        Expr::Or(vec![word("boats"), word("market")]),
        &[&boats, &email],
    )?;
    check(
        Expr::And(vec![word("canal"), not(word("boat"))]),
        &[&treaty],
    )?;
    check(not(word("canal")), &[&email])?;
    check(Expr::Everything, &[&treaty, &boats, &email])?;
    let near = |a: Expr, b: Expr, apart| Expr::Near(Box::new(a), Box::new(b), apart);
    check(near(word("signed"), word("rivers"), 4), &[&treaty])?;
    check(near(word("river"), word("signing"), 4), &[&treaty])?;
    check(near(word("veldania"), phrase("shared river"), 6), &[])?;
    check(
        near(word("veldania"), phrase("shared river"), 7),
        &[&treaty],
    )?;
    check(
        near(
            Expr::Prefix("velda".into()),
            Expr::Exact("istmere".into()),
            1,
        ),
        &[&treaty],
    )?;
    assert_eq!(view.frequency("rivers")?, 2);
    assert_eq!(view.frequency("canals")?, 2);
    assert_eq!(view.frequency("closed")?, 2);
    assert_eq!(view.frequency("absent")?, 0);
    Ok(())
}

pub(super) fn stop_words_need_not_be_there(engine: &dyn Engine) -> Result<(), EngineError> {
    let hamlet = Example::page(
        "https://plays.example/h",
        "Hamlet",
        &["To be or not to be, that is it."],
    );
    let other = Example::page(
        "https://plays.example/o",
        "Other",
        &["Lear questions everything."],
    )
    .at(1_700_000_300);
    write(engine, [hamlet.changes(), other.changes()].concat())?;
    let view = engine.view()?;
    let all = |words: &str| Expr::And(words.split(' ').map(word).collect());
    finds(&*view, &all("the questions"), &[&other])?;
    finds(&*view, &all("not to be"), &[&hamlet])?;
    finds(&*view, &all("the not"), &[])?;
    finds(
        &*view,
        &Expr::In(Scope::Body, Box::new(word("that"))),
        &[&hamlet],
    )?;
    finds(&*view, &Expr::Not(Box::new(word("to"))), &[&other])
}

pub(super) fn each_language_has_its_stems(engine: &dyn Engine) -> Result<(), EngineError> {
    let german = Example::page("https://d.example/", "Häuser", &["Die Häuser am Fluss."])
        .with(|document| document.language = Some("de".into()));
    let chinese = Example::page("https://c.example/", "大学", &["我在北京大学生活。"])
        .with(|document| document.language = Some("zh-Hans".into()))
        .at(1_700_000_100);
    let unknown = Example::page("https://u.example/", "Zzz", &["Haus numbers; ภาษาไทย"])
        .with(|document| document.language = None)
        .at(1_700_000_200);
    write(
        engine,
        [german.changes(), chinese.changes(), unknown.changes()].concat(),
    )?;
    let view = engine.view()?;
    assert_eq!(view.languages()?, ["", "de", "zh"]);
    finds(&*view, &word("Haus"), &[&german, &unknown])?;
    finds(&*view, &word("Hauses"), &[&german, &unknown])?;
    finds(&*view, &word("北京"), &[&chinese])?;
    finds(&*view, &word("北京大学"), &[&chinese])?;
    finds(
        &*view,
        &Expr::Phrase(vec![Some("京大学".into())]),
        &[&chinese],
    )?;
    finds(&*view, &Expr::Phrase(vec![Some("北大".into())]), &[])?;
    finds(&*view, &word("ไทย"), &[&unknown])?;

    // A word of one language is a stop word of another.
    let war = Example::page("https://w.example/1", "War", &["The war in Veldania."]).at(1);
    let peace = Example::page("https://w.example/2", "Peace", &["Peace in Veldania."]).at(2);
    let was = Example::page("https://w.example/3", "Damals", &["So war Veldania einst."])
        .with(|document| document.language = Some("de".into()))
        .at(3);
    write(
        engine,
        [war.changes(), peace.changes(), was.changes()].concat(),
    )?;
    let view = engine.view()?;
    let all = |words: &str| Expr::And(words.split(' ').map(word).collect());
    finds(&*view, &all("war veldania"), &[&war, &was])?;
    finds(&*view, &all("the war veldania"), &[&war])?;
    finds(&*view, &word("war"), &[&war, &was])?;
    finds(&*view, &all("veldania war einst"), &[&was])
}

pub(super) fn without_words_the_newest_come_first(engine: &dyn Engine) -> Result<(), EngineError> {
    let day = 86_400;
    let mut changes = Vec::new();
    let mut newest = Vec::new();
    for number in 0..20 {
        let mut page = Example::page(
            &format!("https://days.example/{number}"),
            "Day",
            &["A day."],
        )
        .at(1_600_000_000 + number * day);
        if number == 3 {
            page = page.with(|document| document.published = "2024-05-02".parse().ok());
        }
        if number == 19 {
            page = page.with(|document| document.published = "1999".parse().ok());
        }
        changes.extend(page.changes());
        newest.push(page.id());
    }
    write(engine, changes)?;
    let view = engine.view()?;
    let expr = Expr::Not(Box::new(word("river")));
    let plan = Plan {
        expr: &expr,
        filters: &[],
        kinds: &[],
        as_of: None,
        channels: &ALL_CHANNELS,
        limit: 3,
    };
    let found = view.candidates(&plan)?;
    assert_eq!(found.total.count(), 20);
    let expected: Vec<DocumentId> = [3, 18, 17]
        .iter()
        .filter_map(|&number: &usize| newest.get(number).copied())
        .collect();
    assert_eq!(ids(&found), expected);
    Ok(())
}

pub(super) fn captures_that_show_nothing_do_not_count(
    engine: &dyn Engine,
) -> Result<(), EngineError> {
    let (treaty, boats) = (river(), canal());
    let again = |example: &Example, status| {
        let mut capture = example.capture();
        capture.captured.0 += 1000;
        capture.status = Some(status);
        if status != 200 {
            (capture.digest, capture.document, capture.archive_digest) = (None, None, None);
        }
        capture.id.0[0] ^= 1;
        vec![Change::Capture(Box::new(capture))]
    };
    let more = [again(&treaty, 404), again(&boats, 200)].concat();
    write(
        engine,
        [treaty.changes(), boats.changes(), more.clone()].concat(),
    )?;
    let filter = [Filter {
        test: Test::HasCaptures,
        negated: false,
    }];
    let found = find(&*engine.view()?, &Expr::Everything, &filter)?;
    assert_eq!(ids(&found), [boats.id()]);
    Ok(())
}

/// Documents in a language of fewer than one in a hundred have stems that no query asks for.
pub(super) fn a_word_as_written_is_found(engine: &dyn Engine) -> Result<(), EngineError> {
    let mut changes = Vec::new();
    for number in 0..120 {
        let page = Example::page(
            &format!("https://many.example/{number}"),
            "Boats",
            &["Boats."],
        );
        changes.extend(page.changes());
    }
    let french = Example::page(
        "https://f.example/",
        "Canaux",
        &["Les chevaux tiraient les bateaux des canaux."],
    )
    .with(|document| document.language = Some("fr".into()))
    .at(1_700_000_100);
    changes.extend(french.changes());
    write(engine, changes)?;
    let view = engine.view()?;
    assert_eq!(view.languages()?, ["en"]);
    let near = |a: Expr, b: Expr| Expr::Near(Box::new(a), Box::new(b), 1);
    for expr in [
        word("tiraient"),
        Expr::And(vec![word("chevaux"), word("bateaux")]),
        Expr::In(Scope::Title, Box::new(word("canaux"))),
        near(word("chevaux"), word("tiraient")),
    ] {
        finds(&*view, &expr, &[&french])?;
        let found = find(&*view, &expr, &[])?;
        let named = found.candidates.iter().flat_map(|c| &c.passages).count();
        assert_eq!(named, 1, "{expr:?}");
    }
    finds(&*view, &near(word("chevaux"), word("bateaux")), &[])
}

pub(super) fn passages_that_answer_are_named(engine: &dyn Engine) -> Result<(), EngineError> {
    let words: Vec<String> = (0..20)
        .map(|n| format!("Filler number {n} about boats."))
        .collect();
    let mut passages: Vec<&str> = words.iter().map(String::as_str).collect();
    passages[13] = "The treaty on the river was signed.";
    passages[5] = "A river.";
    let page = Example::page("https://long.example/", "Long", &passages);
    write(engine, [page.changes(), canal().changes()].concat())?;
    let view = engine.view()?;
    let expr = Expr::And(vec![word("river"), word("treaties")]);
    let found = find(&*view, &expr, &[])?;
    let named: Vec<u32> = found
        .candidates
        .iter()
        .flat_map(|candidate| candidate.passages.iter().map(|(number, _)| *number))
        .collect();
    assert_eq!(named, [13, 5]);
    let read = view.passages(page.id(), 13..15)?;
    assert_eq!(read, page.document.passages[13..15]);
    assert_eq!(view.passages(page.id(), 19..30)?.len(), 1);
    let proximity = |expr: Expr| -> Result<bool, EngineError> {
        let found = find(&*view, &expr, &[])?;
        let scores = found
            .candidates
            .iter()
            .flat_map(|candidate| &candidate.scores);
        Ok(scores
            .into_iter()
            .any(|(channel, score)| *channel == Channel::Proximity && *score > 0.0))
    };
    assert!(proximity(Expr::And(vec![word("filler"), word("number")]))?);
    assert!(!proximity(Expr::And(vec![word("number"), word("filler")]))?);
    Ok(())
}
