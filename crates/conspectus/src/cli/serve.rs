//! `conspectus serve`: the results page in a browser.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use clap::Args;

use super::{Access, Context, open_index};
use crate::failure::{Failure, Kind};
use crate::serve::{Served, listen};

/// Search in the browser
///
/// Answers `/` and `/search?q=` as pages that need no JavaScript and load nothing from outside.
/// Another process may `add` meanwhile: the next page shows what it has committed.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  conspectus serve --open\n  conspectus serve --sample\n  conspectus serve --listen 0.0.0.0:7878 --key \"$(openssl rand -hex 24)\" --host search.example"
)]
pub(crate) struct ServeArgs {
    /// Serve the bundled sample collection, from an index of its own
    #[arg(long)]
    sample: bool,
    /// Where to keep the sample's index [default: conspectus/sample in the user's XDG data folder]
    #[arg(
        long,
        value_name = "DIR",
        requires = "sample",
        env = "CONSPECTUS_SAMPLE_DIR"
    )]
    sample_dir: Option<PathBuf>,
    /// Address and port [default: 127.0.0.1:7878]
    #[arg(long, value_name = "ADDRESS:PORT", env = "CONSPECTUS_LISTEN")]
    listen: Option<SocketAddr>,
    /// Key that requests must carry; needed where the address is not loopback
    #[arg(
        long,
        value_name = "KEY",
        env = "CONSPECTUS_KEY",
        hide_env_values = true
    )]
    key: Option<String>,
    /// Another name that the Host header may say; may be repeated
    #[arg(long = "host", value_name = "NAME")]
    hosts: Vec<String>,
    /// Open the page in the default browser
    #[arg(long)]
    open: bool,
}

pub(crate) fn run(args: &ServeArgs, context: &Context) -> anyhow::Result<u8> {
    let config = &context.config;
    let address = args
        .listen
        .or(config.serve.listen)
        .unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], 7878)));
    let key = args
        .key
        .clone()
        .or_else(|| config.serve.key.clone())
        .filter(|key| !key.is_empty());
    if !address.ip().is_loopback() && key.is_none() {
        return Err(Failure::new(
            Kind::Usage,
            format!("`{address}` can be reached from other machines, and no key is set"),
        )
        .hint("set one with --key, or listen on 127.0.0.1")
        .into());
    }
    let mut hosts = args.hosts.clone();
    hosts.extend(config.serve.hosts.clone().unwrap_or_default());
    let engine = if args.sample {
        crate::sample::open(args.sample_dir.clone(), config)?
    } else {
        open_index(&context.index()?, config, Access::Create)?
    };
    let spool = tempfile::Builder::new().prefix("conspectus-").tempdir()?;
    let served = Served {
        read: context.read_settings(Some(1), None, spool.path())?,
        engine,
        languages: config.search.languages.clone().unwrap_or_default(),
        count: config
            .search
            .count
            .unwrap_or(10)
            .clamp(1, super::search::COUNT_LIMIT),
        key,
        hosts,
        originals: crate::serve::Originals::default(),
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .context("cannot start the server")?;
    let key = served.key.clone();
    let ended = runtime.block_on(listen(address, Arc::new(served), |address| {
        super::output::tell(&format!("serving http://{address}/  (Ctrl-C ends)"));
        if args.open {
            open_in_browser(&own_address(address, key.as_deref()));
        }
    }));
    runtime.shutdown_timeout(Duration::from_secs(1));
    ended.map(|()| 0)
}

/// The address under which a browser on this machine reaches the server.
fn own_address(address: SocketAddr, key: Option<&str>) -> String {
    let host = if address.ip().is_unspecified() {
        format!("127.0.0.1:{}", address.port())
    } else {
        address.to_string()
    };
    match key {
        Some(key) => {
            let key: String = url::form_urlencoded::byte_serialize(key.as_bytes()).collect();
            format!("http://{host}/?key={key}")
        }
        None => format!("http://{host}/"),
    }
}

/// Asks the desktop to open an address; a desktop that cannot is told, and the server runs on.
fn open_in_browser(url: &str) {
    let opener = if cfg!(target_os = "macos") {
        "open"
    } else {
        "xdg-open"
    };
    let started = std::process::Command::new(opener)
        .arg(url)
        .stdin(std::process::Stdio::null())
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .spawn();
    match started {
        // It ends when it likes; somebody has to wait for it.
        Ok(mut child) => drop(std::thread::spawn(move || child.wait())),
        Err(error) => {
            super::output::tell(&format!(
                "cannot run `{opener}`: {error}; open {url} yourself"
            ));
        }
    }
}
