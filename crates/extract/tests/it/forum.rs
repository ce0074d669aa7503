//! Pages of forums: posts as parts of a thread.

use expect_test::{Expect, expect};

use crate::record;
use crate::thread::{describe, extracted};

#[track_caller]
fn check(url: &str, html: &str, expected: &Expect) {
    let found = extracted(&record(url, "text/html", html.as_bytes()));
    // Where a thread begins on a page, the page is the thread.
    let begins = found.parts.iter().any(|(_, part)| part.head.is_some());
    assert_eq!(found.documents.len(), usize::from(!begins));
    expected.assert_eq(&describe(&found));
}

#[test]
fn xenforo() {
    let post = |id: u32, name: &str, text: &str| {
        format!(
            "<article class='message message--post' data-author='{name}' id='js-post-{id}'>\
             <h4 class=message-name><a class=username>{name}</a></h4>\
             <time class=u-dt datetime='2025-06-02T10:00:00+0200'>June</time>\
             <article class=message-body><div class=bbWrapper>{text}</div></article>\
             <aside class=message-signature>My boat</aside></article>"
        )
    };
    let html = format!(
        "<title>Depth of the port | Port board</title><h1>Depth of the port</h1>{}{}",
        post(7, "ada", "How deep?"),
        post(
            8,
            "ben",
            "<blockquote class='bbCodeBlock bbCodeBlock--quote'>How deep?</blockquote>Nine."
        )
    );
    check(
        "https://port.example/threads/depth.5/",
        &html,
        &expect![[r#"
            forum:port.example example,port)/threads/depth.5/ 7 by=ada at=2025-06-02T08:00:00Z link=https://port.example/threads/depth.5/#post-7 title=Depth of the port url=https://port.example/threads/depth.5/ text="How deep?"
            forum:port.example example,port)/threads/depth.5/ 8 by=ben at=2025-06-02T08:00:00Z link=https://port.example/threads/depth.5/#post-8 text="Nine."
        "#]],
    );
    // The second page opens nothing.
    check(
        "https://port.example/threads/depth.5/page-2",
        &html,
        &expect![[r#"
            forum:port.example example,port)/threads/depth.5/ 7 by=ada at=2025-06-02T08:00:00Z link=https://port.example/threads/depth.5/#post-7 text="How deep?"
            forum:port.example example,port)/threads/depth.5/ 8 by=ben at=2025-06-02T08:00:00Z link=https://port.example/threads/depth.5/#post-8 text="Nine."
        "#]],
    );
}

#[test]
fn phpbb() {
    check(
        "https://port.example/viewtopic.php?f=2&t=7",
        "<title>Depth of the port</title><h2 class=topic-title>Depth of the port</h2>
         <div id=p11 class='post bg2'><div class=postbody><p class=author>by <strong><a class=username>ada</a></strong> » <time datetime='2025-06-02T10:00:00+00:00'>then</time></p><div class=content>How deep?</div><div class=signature>My boat</div></div></div>
         <div id=p12 class='post bg1'><div class=postbody><p class=author>by <strong><a class=username-coloured>ben</a></strong> » Mon Jun 02, 2025 1:08 pm</p><div class=content><blockquote>How deep?</blockquote>Nine.</div></div></div>",
        &expect![[r#"
            forum:port.example example,port)/viewtopic.php?t=7 11 by=ada at=2025-06-02T10:00:00Z link=https://port.example/viewtopic.php?t=7#p11 title=Depth of the port url=https://port.example/viewtopic.php?t=7 text="How deep?"
            forum:port.example example,port)/viewtopic.php?t=7 12 by=ben at=2025-06-02T13:08:00Z link=https://port.example/viewtopic.php?t=7#p12 text="Nine."
        "#]],
    );
}

#[test]
fn others() {
    // vBulletin 4.
    check(
        "https://port.example/showthread.php?t=7&page=1",
        "<title>Depth</title><li class='postbit postcontainer' id=post_11><span class=postdate>06-02-2025, 10:00 AM</span><a class=username>ada</a><div id=post_message_11><blockquote class='postcontent restore'>How deep?</blockquote></div></li>
         <li class='postbit postcontainer' id=post_12><a class=username>ben</a><div id=post_message_12><blockquote class='postcontent restore'><div class=bbcode_container>How deep?</div>Nine.</blockquote></div></li>",
        &expect![[r#"
            forum:port.example example,port)/showthread.php?t=7 11 by=ada at=2025-06-02T10:00:00Z link=https://port.example/showthread.php?t=7#post11 title=Depth url=https://port.example/showthread.php?t=7 text="How deep?"
            forum:port.example example,port)/showthread.php?t=7 12 by=ben link=https://port.example/showthread.php?t=7#post12 text="Nine."
        "#]],
    );
    // Invision Community.
    check(
        "https://port.example/topic/7-depth/page/2/",
        "<title>Depth</title><article id=elComment_11><h3 class=cAuthorPane_author>ada</h3><time datetime='2025-06-02T10:00:00Z'></time><div data-role=commentContent><p>How deep?</p></div></article>",
        &expect![[r#"
            forum:port.example example,port)/topic/7-depth/ 11 by=ada at=2025-06-02T10:00:00Z link=https://port.example/topic/7-depth/#comment-11 text="How deep?"
        "#]],
    );
    // MyBB.
    check(
        "https://port.example/thread-7.html",
        "<title>Depth</title><div class=post id=post_11><div class=author_information><span class=largetext>ada</span></div><span class=post_date>2025-06-02, 10:00 AM</span><div class=post_body>How deep?</div></div>
         <div class=post id=post_12><div class=author_information><span class=largetext>ben</span></div><div class=post_body>Nine.</div></div>",
        &expect![[r#"
            forum:port.example example,port)/thread-7.html 11 by=ada at=2025-06-02T10:00:00Z link=https://port.example/thread-7.html#pid11 title=Depth url=https://port.example/thread-7.html text="How deep?"
            forum:port.example example,port)/thread-7.html 12 by=ben link=https://port.example/thread-7.html#pid12 text="Nine."
        "#]],
    );
}

#[test]
fn stack_exchange() {
    check(
        "https://port.example/questions/7/depth",
        "<title>Depth</title><div data-questionid=7 data-score=3><div class=js-post-body><p>How deep?</p></div></div>
         <div class='answer accepted-answer' data-answerid=9 data-score=5><div class=js-post-body><p>Nine.</p></div><div class='post-signature owner'><div class=user-action-time>answered <span title='2025-06-02 10:00:00Z'>then</span></div><div class=user-details><a>ben</a></div></div></div>",
        &expect![[r#"
            stackexchange:port.example 7 7 score=3 link=https://port.example/questions/7 title=Depth url=https://port.example/questions/7 forum=port.example text="How deep?"
            stackexchange:port.example 7 9 by=ben at=2025-06-02T10:00:00Z score=5 accepted= link=https://port.example/a/9 text="Nine."
        "#]],
    );
}

#[test]
fn hacker_news() {
    check(
        "https://news.ycombinator.com/item?id=7",
        "<title>Depth</title><table class=fatitem><tr class='athing submission' id=7><td class=titleline><a href='https://a.example/'>Depth</a></td></tr><tr><td><span class=score>9 points</span> <a class=hnuser>ada</a> <span class=age title='2025-06-02T10:00:00 1748858400'>then</span></td></tr></table>
         <table><tr class='athing comtr' id=8><td class=ind indent=0></td><td><a class=hnuser>ben</a><div class=commtext>Nine.<p>At ebb.</p></div></td></tr>
         <tr class='athing comtr' id=9><td class=ind indent=1></td><td><a class=hnuser>cyd</a><div class=commtext>Ten.</div></td></tr>
         <tr class='athing comtr' id=10><td class=ind indent=0></td><td><a class=hnuser>dan</a><div class=commtext>Why?</div></td></tr></table>",
        &expect![[r#"
            hackernews 7 7 by=ada at=2025-06-02T10:00:00Z score=9 link=https://news.ycombinator.com/item?id=7 title=Depth url=https://news.ycombinator.com/item?id=7 text=""
            hackernews 7 8 by=ben link=https://news.ycombinator.com/item?id=8 text="Nine.\nAt ebb."
            hackernews 7 9 under=8 by=cyd link=https://news.ycombinator.com/item?id=9 text="Ten."
            hackernews 7 10 by=dan link=https://news.ycombinator.com/item?id=10 text="Why?"
        "#]],
    );
}

#[test]
fn old_reddit() {
    check(
        "https://old.reddit.com/r/veldania/comments/v3/depth/",
        "<title>Depth</title><div class='thing link' data-fullname=t3_v3 data-author=ada data-subreddit=veldania data-permalink='/r/veldania/comments/v3/depth/' data-score=12><div class=entry><a class=title>Depth</a><div class=usertext-body><div class=md><p>How deep?</p></div></div></div></div>
         <div class='thing comment' data-fullname=t1_c1 data-author=ben data-permalink='/r/veldania/comments/v3/depth/c1/'><div class=entry><span class='score unvoted' title=4>4 points</span><time datetime='2025-06-02T10:00:00+00:00'></time><div class=usertext-body><div class=md><blockquote>How deep?</blockquote><p>Nine.</p></div></div></div>
           <div class=child><div class='thing comment' data-fullname=t1_c2 data-author=cyd><div class=entry><div class=usertext-body><div class=md><p>Ten.</p></div></div></div></div></div></div>",
        &expect![[r#"
            reddit v3 t3_v3 by=ada score=12 link=https://www.reddit.com/r/veldania/comments/v3/depth/ title=Depth url=https://www.reddit.com/r/veldania/comments/v3/depth/ forum=r/veldania text="How deep?"
            reddit v3 t1_c1 by=ben at=2025-06-02T10:00:00Z score=4 link=https://www.reddit.com/r/veldania/comments/v3/depth/c1/ text="Nine."
            reddit v3 t1_c2 under=t1_c1 by=cyd text="Ten."
        "#]],
    );
}

#[test]
fn discourse_by_its_data_and_as_crawlers_see_it() {
    let topic = serde_json::json!({"id":7,"title":"Depth","slug":"depth","post_stream":{"posts":[
        {"cooked":"<p>How deep?</p>","username":"ada","post_number":1,"post_type":1,"topic_id":7},
        {"cooked":"<aside class=quote><blockquote>How deep?</blockquote></aside><p>Nine.</p>","username":"ben","post_number":2,"post_type":1,"topic_id":7,"accepted_answer":true}]}});
    let data = serde_json::json!({"topic_7": topic.to_string()}).to_string();
    let html = format!(
        "<title>Depth</title><div data-preloaded=\"{}\"></div>",
        data.replace('&', "&amp;").replace('"', "&quot;")
    );
    check(
        "https://port.example/t/depth/7",
        &html,
        &expect![[r#"
        discourse:port.example 7 1 by=ada link=https://port.example/t/depth/7/1 title=Depth url=https://port.example/t/depth/7 text="How deep?"
        discourse:port.example 7 2 by=ben accepted= link=https://port.example/t/depth/7/2 text="Nine."
    "#]],
    );
    check(
        "https://port.example/t/depth/7?page=2",
        "<title>Depth</title><div id=post_21 class='topic-body crawler-post'><span class=creator>ada</span><time datetime='2025-06-02T10:00:00Z'></time><div class=post itemprop=text><p>Eleven.</p></div></div>",
        &expect![[r#"
            discourse:port.example 7 21 by=ada at=2025-06-02T10:00:00Z link=https://port.example/t/depth/7/21 text="Eleven."
        "#]],
    );
}

#[test]
fn what_a_page_declares() {
    check(
        "https://port.example/q/7",
        r#"<title>Depth</title><script type="application/ld+json">{"@type":"QAPage","mainEntity":{"@type":"Question","name":"Depth","text":"How deep?","author":{"@type":"Person","name":"ada"},"dateCreated":"2025-06-02T10:00:00Z",
           "acceptedAnswer":{"@type":"Answer","text":"<p>Nine.</p>","url":"https://port.example/q/7#a9","upvoteCount":5,"author":{"name":"ben"}},
           "suggestedAnswer":[{"@type":"Answer","text":"Ten.","url":"/q/7#a8"}]}}</script>"#,
        &expect![[r#"
            forum:port.example example,port)/q/7 0 by=ada at=2025-06-02T10:00:00Z title=Depth url=https://port.example/q/7 text="How deep?"
            forum:port.example example,port)/q/7 https://port.example/q/7#a9 by=ben score=5 accepted= link=https://port.example/q/7#a9 text="Nine."
            forum:port.example example,port)/q/7 /q/7#a8 link=https://port.example/q/7#a8 text="Ten."
        "#]],
    );
    check(
        "https://port.example/help",
        r#"<title>Help</title><script type="application/ld+json">{"@type":"FAQPage","mainEntity":[{"@type":"Question","name":"Depth","acceptedAnswer":{"@type":"Answer","text":"Nine."}}]}</script>"#,
        &expect![""],
    );
}

#[test]
fn a_page_with_one_text_is_a_page() {
    check(
        "https://port.example/threads/depth.5/",
        "<title>Depth</title><article class=message data-author=ada id=js-post-7><div class=message-body><div class=bbWrapper>How deep?</div></div></article>",
        &expect![""],
    );
}
