//! Invented pages as several kinds of site write them, compared whole.

use expect_test::{Expect, expect};

use crate::{describe, document, record};

#[track_caller]
fn check(url: &str, html: &str, expected: &Expect) {
    expected.assert_eq(&describe(&document(&record(
        url,
        "text/html",
        html.as_bytes(),
    ))));
}

#[test]
fn a_news_article() {
    check(
        "https://www.istmere-herald.example/politics/2025/06/02/port-dues",
        r##"<!doctype html><html lang="en-GB"><head>
<title>Port dues rise in Istmere - Istmere Herald</title>
<link rel="canonical" href="/politics/2025/06/02/port-dues">
<meta property="og:image" content="/img/port.jpg">
<script type="application/ld+json">{"@context":"https://schema.org","@graph":[
{"@type":"NewsArticle","headline":"Port dues rise","datePublished":"2025-06-02T07:30:00+02:00",
 "dateModified":"2025-06-03T08:00:00+02:00","author":{"@type":"Person","name":"Ada Low"},
 "publisher":{"@id":"https://www.istmere-herald.example/#org"}},
{"@type":"Organization","@id":"https://www.istmere-herald.example/#org","name":"The Istmere Herald"},
{"@type":"BreadcrumbList","itemListElement":[{"@type":"ListItem","position":1,"name":"Politics"},
 {"@type":"ListItem","position":2,"name":"Port dues rise"}]}]}</script></head>
<body><div id="cookie-banner">We use cookies. Accept all</div>
<nav><ul><li><a href="/">Home</a><li><a href="/sport">Sport</a></ul></nav>
<article><h1>Port dues rise in Istmere</h1><p class="byline">By Ada Low</p>
<p>Ships that enter the harbour of Istmere will pay a third more from next month, the council
decided on Monday after a debate of nine hours.<sup><a href="#n1">[1]</a></sup></p>
<p>Merchants from <a href="https://veldania.example/trade">Veldania</a> called the decision a blow
to the trade between the two cities, which has grown in each of the last five years.</p>
<h2 id="reaction">Reaction</h2>
<p>The guild of pilots said that the harbour had to be dredged, and that somebody had to pay for it.
<span style="display:none">cheap dues best dues dues online</span></p>
<table><tr><th>Ship</th><th>Dues</th></tr><tr><td>Cog</td><td>12 marks</td></tr></table>
</article><footer><p>Copyright 2025 Istmere Herald. All rights reserved.</p></footer></body></html>"##,
        &expect![[r#"
            title: Port dues rise in Istmere - Istmere Herald
            site: Istmere Herald
            author: Ada Low
            language: en-GB
            published: 2025-06-02T07:30:00+02:00
            modified: 2025-06-03T08:00:00+02:00
            canonical: https://www.istmere-herald.example/politics/2025/06/02/port-dues
            thumbnail: https://www.istmere-herald.example/img/port.jpg
            breadcrumb: Politics › Port dues rise
            link: https://www.istmere-herald.example/ Home
            link: https://www.istmere-herald.example/sport Sport
            link: https://veldania.example/trade Veldania

            [Port dues rise in Istmere] Top
            Port dues rise in Istmere
            Ships that enter the harbour of Istmere will pay a third more from next month, the council decided on Monday after a debate of nine hours.
            Merchants from Veldania called the decision a blow to the trade between the two cities, which has grown in each of the last five years.

            [Reaction] Section("reaction")
            Reaction
            The guild of pilots said that the harbour had to be dredged, and that somebody had to pay for it.
            Ship | Dues
            Cog | 12 marks
        "#]],
    );
}

#[test]
fn a_reference_page() {
    check(
        "https://docs.example/stable/ropes/index.html",
        r##"<!doctype html><html lang="en"><head><title>ropes - Knots 1.2</title></head>
<body><nav class="sidebar"><ul><li><a href="a.html">anchors</a></ul></nav><main>
<h1 id="ropes">Module ropes<a class="headerlink" href="#ropes">¶</a></h1>
<p>Tools to coil, splice and whip ropes of any kind, with as few knots as can be had.</p>
<section id="splice"><h2>Splicing</h2>
<p>A splice joins two ropes and keeps nearly all of their strength, where a knot loses half.</p>
<pre><code>let rope = Rope::new();
    rope.splice(&amp;other);

rope.whip();</code></pre>
<dl><dt id="splice.eye"><code>eye(length)</code></dt><dd>Makes an eye of that length at the end of the rope.</dd></dl>
</section></main></body></html>"##,
        &expect![[r#"
            title: ropes - Knots 1.2
            language: en
            link: https://docs.example/stable/ropes/a.html anchors

            [Module ropes] Top
            Module ropes
            Tools to coil, splice and whip ropes of any kind, with as few knots as can be had.

            [Splicing] Section("splice")
            Splicing
            A splice joins two ropes and keeps nearly all of their strength, where a knot loses half.
            let rope = Rope::new();
                rope.splice(&other);
            rope.whip();
            eye(length)
            Makes an eye of that length at the end of the rope.
        "#]],
    );
}

#[test]
fn comments_stand_behind_the_text_with_their_places() {
    check(
        "https://blog.example/tides",
        r#"<!doctype html><html lang="en"><head><title>On tides</title></head><body>
<article class="post"><h1>On tides</h1>
<p>The tide in the bay of Istmere is the highest of the coast, and nobody has yet said why it is so.</p>
<p>I have measured it for a year, twice a day, with a stick and a notebook, and here is what I found.</p>
<p>It follows the moon, with a delay of two hours in winter and of three in the summer months.</p></article>
<div id="comments" class="comments-area"><ol class="comment-list">
<li id="comment-1" class="comment"><div class="comment-body"><p>My grandfather said that it was the wind from the north that did it.</p></div>
<li id="comment-2" class="comment"><div class="comment-body"><p>The delay has to do with the depth of the bay, as any pilot will tell you.</p></div>
</ol></div></body></html>"#,
        &expect![[r#"
            title: On tides
            language: en

            [On tides] Top
            On tides
            The tide in the bay of Istmere is the highest of the coast, and nobody has yet said why it is so.
            I have measured it for a year, twice a day, with a stick and a notebook, and here is what I found.
            It follows the moon, with a delay of two hours in winter and of three in the summer months.

            [-] Comment("https://blog.example/tides#comment-1")
            My grandfather said that it was the wind from the north that did it.

            [-] Comment("https://blog.example/tides#comment-2")
            The delay has to do with the depth of the bay, as any pilot will tell you.
        "#]],
    );
}

#[test]
fn a_page_that_only_sends_on_is_no_document() {
    let page = |text: &str| {
        format!(
            "<!doctype html><html lang=en><head><title>Moved</title>\
             <meta http-equiv=refresh content=\"0;URL=../new.html\"></head><body><p>{text}</p></body></html>"
        )
    };
    let extract = |text: &str| {
        let record = record(
            "https://veldania.example/docs/old.html",
            "text/html",
            page(text).as_bytes(),
        );
        let extracted = extract::extract(&record, &extract::Options::default()).unwrap();
        (extracted.documents.len(), extracted.redirect)
    };
    let target = Some("https://veldania.example/new.html".to_owned());
    assert_eq!(extract("Redirecting to the new page."), (0, target.clone()));
    assert_eq!(
        extract(&"This notice is worth reading by itself. ".repeat(20)),
        (1, target)
    );
}
