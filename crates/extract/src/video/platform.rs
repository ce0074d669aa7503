//! Which video an address shows: platform, id, and the address where it is watched.

use url::Url;

/// A video on a platform that is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    /// As yt-dlp names it, in lower case.
    pub(crate) platform: &'static str,
    /// As yt-dlp names it.
    pub(crate) id: String,
    /// Where it is watched.
    pub(crate) url: String,
}

/// Longer ones are none.
const ID_CHARS: usize = 64;

/// Reads an absolute address; one without a scheme (`//www.youtube.com/…`) too.
pub(crate) fn of(address: &str) -> Option<Place> {
    let address = address.trim();
    let url = match address.strip_prefix("//") {
        Some(rest) => Url::parse(&format!("https://{rest}")).ok()?,
        None => Url::parse(address).ok()?,
    };
    let host = url.host_str()?.to_ascii_lowercase();
    let host = ["www.", "m.", "music."]
        .iter()
        .find_map(|prefix| host.strip_prefix(prefix))
        .unwrap_or(&host);
    let steps: Vec<&str> = url.path().split('/').filter(|s| !s.is_empty()).collect();
    let asked = |name: &str| {
        url.query_pairs()
            .find_map(|(key, value)| (key == name).then(|| value.into_owned()))
    };
    match host {
        "youtube.com" | "youtube-nocookie.com" => match steps.as_slice() {
            ["watch", ..] => youtube(&asked("v")?),
            ["embed" | "v" | "shorts" | "live" | "e", id, ..] => youtube(id),
            _ => None,
        },
        "youtu.be" => youtube(steps.first()?),
        "vimeo.com" | "player.vimeo.com" => {
            let (["channels" | "ondemand", _, id, ..]
            | ["groups", _, "videos", id, ..]
            | ["video", id, ..]
            | [id, ..]) = steps.as_slice()
            else {
                return None;
            };
            let plain = id.bytes().all(|b| b.is_ascii_digit());
            place("vimeo", id, format!("https://vimeo.com/{id}")).filter(|_| plain)
        }
        "dailymotion.com" | "geo.dailymotion.com" => match steps.as_slice() {
            ["video", id, ..] | ["embed", "video", id, ..] => dailymotion(id),
            [player, ..] if player.starts_with("player") => dailymotion(&asked("video")?),
            _ => None,
        },
        "dai.ly" => dailymotion(steps.first()?),
        "twitch.tv" => match steps.as_slice() {
            ["videos", id, ..] | [_, "v" | "video", id, ..] => twitch(id),
            _ => None,
        },
        "player.twitch.tv" => twitch(&asked("video")?),
        _ => None,
    }
}

/// The name that readers know a platform by.
pub(crate) fn site_name(platform: &str) -> Option<&'static str> {
    Some(match platform {
        "youtube" => "YouTube",
        "vimeo" => "Vimeo",
        "dailymotion" => "Dailymotion",
        "twitch" => "Twitch",
        _ => return None,
    })
}

/// Where a video is watched of which only platform and id are known.
pub(crate) fn address(platform: &str, id: &str) -> Option<String> {
    let place = match platform {
        "youtube" => youtube(id),
        "vimeo" => place("vimeo", id, format!("https://vimeo.com/{id}")),
        "dailymotion" => dailymotion(id),
        "twitch" => twitch(id),
        _ => None,
    };
    place.map(|place| place.url)
}

fn place(platform: &'static str, id: &str, url: String) -> Option<Place> {
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
    let is_id = (1..=ID_CHARS).contains(&id.len()) && id.bytes().all(plain);
    is_id.then(|| Place {
        platform,
        id: id.to_owned(),
        url,
    })
}

fn youtube(id: &str) -> Option<Place> {
    // Players of lists and of whatever a channel sends now have names of eleven letters too.
    if id.len() != 11 || matches!(id, "videoseries" | "live_stream") {
        return None;
    }
    place(
        "youtube",
        id,
        format!("https://www.youtube.com/watch?v={id}"),
    )
}

fn dailymotion(id: &str) -> Option<Place> {
    // `x2jvvep_the-title-of-the-video` in old addresses.
    let id = id.split('_').next().unwrap_or(id);
    place(
        "dailymotion",
        id,
        format!("https://www.dailymotion.com/video/{id}"),
    )
}

fn twitch(id: &str) -> Option<Place> {
    let digits = id.strip_prefix('v').unwrap_or(id);
    let plain = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    place(
        "twitch",
        &format!("v{digits}"),
        format!("https://www.twitch.tv/videos/{digits}"),
    )
    .filter(|_| plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(address: &str, expected: Option<(&str, &str)>) {
        let found = of(address);
        let found = found.as_ref().map(|place| (place.platform, &*place.id));
        assert_eq!(found, expected, "{address}");
    }

    #[test]
    fn addresses_name_videos() {
        let tube = Some(("youtube", "Ab-d_fGh1jK"));
        check("https://www.youtube.com/watch?t=3&v=Ab-d_fGh1jK", tube);
        check("https://youtu.be/Ab-d_fGh1jK?t=3", tube);
        check("//www.youtube-nocookie.com/embed/Ab-d_fGh1jK?rel=0", tube);
        check("https://m.youtube.com/shorts/Ab-d_fGh1jK", tube);
        check("https://www.youtube.com/embed/videoseries?list=x", None);
        check("https://www.youtube.com/embed/live_stream?channel=x", None);
        check("https://www.youtube.com/watch?v=short", None);
        check("https://www.youtube.com/@channel", None);
        let vimeo = Some(("vimeo", "76979871"));
        check("https://player.vimeo.com/video/76979871?h=8", vimeo);
        check("https://vimeo.com/76979871", vimeo);
        check("https://vimeo.com/channels/staffpicks/76979871", vimeo);
        check("https://vimeo.com/about", None);
        let daily = Some(("dailymotion", "x2jvvep"));
        check("https://www.dailymotion.com/video/x2jvvep_a-title", daily);
        check(
            "https://geo.dailymotion.com/player/xtv3w.html?video=x2jvvep",
            daily,
        );
        check("https://dai.ly/x2jvvep", daily);
        let twitch = Some(("twitch", "v6528877"));
        check("https://www.twitch.tv/videos/6528877", twitch);
        check("https://player.twitch.tv/?video=v6528877&parent=x", twitch);
        check("https://www.twitch.tv/riotgames", None);
        check("https://video.example/1", None);
        check("mailto:a@b.example", None);
        check("", None);
    }

    #[test]
    fn addresses_are_made_from_names() {
        assert_eq!(
            address("youtube", "Ab-d_fGh1jK").as_deref(),
            Some("https://www.youtube.com/watch?v=Ab-d_fGh1jK")
        );
        assert_eq!(address("youtube", "no fancy stuff"), None);
        assert_eq!(address("elsewhere", "1"), None);
    }
}
