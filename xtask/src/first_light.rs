//! `cargo xtask first-light`: the main job, end to end, on a machine that has Rust and nothing else.
//!
//! A made-up directory of 10,000 people and 1,000 groups goes through `usher` into `scim2-server`, a SCIM server
//! that others wrote. Every command is shown as somebody would type it. Nothing of it is left running.

use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, bail};
use clap::Args;

/// The token that the server takes and `usher` sends. It guards nothing.
const TOKEN: &str = "first-light";

#[derive(Args)]
pub(crate) struct FirstLightArgs {
    /// How many people the company has
    #[arg(long, default_value_t = 10_000)]
    users: u32,
    /// How many groups it has
    #[arg(long, default_value_t = 1_000)]
    groups: u32,
    /// Where everything is kept: an empty directory; target/first-light, made anew, unless given
    #[arg(long, value_name = "DIR")]
    into: Option<PathBuf>,
}

/// Makes the company and the server, then has `usher` do its job, twice.
pub(crate) fn run(args: &FirstLightArgs) -> anyhow::Result<()> {
    let venv = crate::test::python_environment()?;
    println!("building usher");
    let binary = build()?;
    let into = directory(args)?;
    let server = Server::start(&venv, &into)?;
    make_company(args, &into.join("company.json"))?;
    std::fs::write(into.join("token"), TOKEN).context("failed to write the token's file")?;

    let usher = Usher { binary, into };
    usher.does(&["import", "company.json"])?;
    usher.does(&["app", "add", "wiki", "--template", "scim"])?;
    usher.does(&["app", "authorize", "wiki", "--endpoint", &server.endpoint(), "--token-file", "token"])?;
    usher.does(&["app", "access", "wiki", "--ou", "/", "on"])?;
    usher.does(&[
        "app",
        "deprovision",
        "wiki",
        "--suspended",
        "24h",
        "--deleted",
        "24h",
        "--app-off",
        "7d",
    ])?;
    usher.does(&["plan", "wiki"])?;
    usher.does(&["app", "enable", "wiki"])?;
    usher.does(&["sync", "wiki"])?;
    println!("\nonce more: an app that is as it should be gets no write");
    usher.does(&["sync", "wiki"])?;
    usher.does(&["status"])?;
    println!("\nall of it is in {}; the server has ended", usher.into.display());
    Ok(())
}

/// An empty directory: our own, made anew, or one that is given, which is never emptied.
fn directory(args: &FirstLightArgs) -> anyhow::Result<PathBuf> {
    let own = crate::workspace_root().join("target/first-light");
    let into = args.into.clone().unwrap_or_else(|| own.clone());
    if into == own && into.exists() {
        std::fs::remove_dir_all(&into).with_context(|| format!("failed to empty {}", into.display()))?;
    }
    std::fs::create_dir_all(&into).with_context(|| format!("failed to make {}", into.display()))?;
    let is_empty = into.read_dir().is_ok_and(|mut entries| entries.next().is_none());
    if !is_empty {
        bail!("{} is not empty: give a directory that is, or none", into.display());
    }
    Ok(into)
}

fn build() -> anyhow::Result<PathBuf> {
    let built = Command::new("cargo")
        .args(["build", "--package", "usher", "--message-format=json-render-diagnostics"])
        .current_dir(crate::workspace_root())
        .stderr(Stdio::inherit())
        .output()
        .context("failed to start cargo")?;
    if !built.status.success() {
        bail!("usher does not build");
    }
    let messages = cargo_metadata::Message::parse_stream(built.stdout.as_slice());
    let executable = messages.filter_map(Result::ok).find_map(|message| {
        let cargo_metadata::Message::CompilerArtifact(artifact) = message else { return None };
        artifact.executable.filter(|_| artifact.target.name == "usher")
    });
    executable.map(Into::into).context("cargo did not say where usher is")
}

fn make_company(args: &FirstLightArgs, file: &Path) -> anyhow::Result<()> {
    println!("making up a company of {} people and {} groups", args.users, args.groups);
    let this = std::env::current_exe().context("failed to find this program")?;
    let mut make = Command::new(this);
    make.args([
        "directory",
        "--users",
        &args.users.to_string(),
        "--groups",
        &args.groups.to_string(),
        "--out",
    ]);
    if !make.arg(file).status().context("failed to start the generator")?.success() {
        bail!("the company could not be made up");
    }
    Ok(())
}

/// `usher`, called as somebody would.
struct Usher {
    binary: PathBuf,
    into: PathBuf,
}

impl Usher {
    /// Runs one command and shows it. `plan` ends with 2 where there is something to do, and some of the made-up
    /// people cannot have an account, which `sync` answers with 1: both are as they should be here.
    fn does(&self, args: &[&str]) -> anyhow::Result<()> {
        println!("\n$ usher {}", args.join(" "));
        let status = Command::new(&self.binary)
            .args(args)
            .current_dir(&self.into)
            .status()
            .context("failed to start usher")?;
        let is_expected = match args.first() {
            Some(&"plan") => matches!(status.code(), Some(0 | 2)),
            Some(&"sync") => matches!(status.code(), Some(0 | 1)),
            _ => status.success(),
        };
        if !is_expected {
            bail!("usher {} ended with {status}", args.join(" "));
        }
        Ok(())
    }
}

/// `scim2-server`, killed by its process id when this is dropped.
struct Server {
    child: Child,
    port: u16,
}

impl Server {
    fn start(venv: &Path, into: &Path) -> anyhow::Result<Self> {
        let port = free_port()?;
        let log =
            std::fs::File::create(into.join("server.log")).context("failed to make the server's log")?;
        let mut child = Command::new(venv.join("bin/scim2-server"))
            .args(["--port", &port.to_string(), "--bearer-token", TOKEN])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .context("failed to start scim2-server")?;
        let stdout = child.stdout.take().context("the server has no output")?;
        let server = Self { child, port };
        let mut line = String::new();
        BufReader::new(stdout).read_line(&mut line).context("failed to read what the server says")?;
        if !line.starts_with("Serving SCIM") {
            bail!("scim2-server did not start: see {}", into.join("server.log").display());
        }
        println!("scim2-server listens on 127.0.0.1:{port}");
        Ok(server)
    }

    fn endpoint(&self) -> String {
        format!("http://127.0.0.1:{}/v2", self.port)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may be gone already; either way nothing is left to do about it.
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// A port that was free a moment ago.
fn free_port() -> anyhow::Result<u16> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).context("no port is free")?;
    Ok(listener.local_addr().context("a port without an address")?.port())
}
