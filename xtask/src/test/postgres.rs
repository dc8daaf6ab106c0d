//! A `PostgreSQL` of the test run's own.
//!
//! A small shell script (`postgres.sh`) makes the cluster in a temporary directory, starts the server, and
//! waits at its standard input. That pipe closes when this process ends, in whatever way: by itself, by Ctrl-C,
//! killed. Then the script stops the server by its process id and removes the directory.

use std::io::{BufRead, BufReader};
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};

use anyhow::{Context, bail};

use super::tools::{is_root, postgres_programs, succeeds};

const SCRIPT: &str = include_str!("postgres.sh");

/// What the script prints once the server takes connections.
const READY: &str = "ready";

/// Below the range from which Linux hands out ports by itself, so that nobody is given ours in between.
const PORTS: std::ops::Range<u16> = 20_000..32_000;

/// A running server; stopped when dropped.
pub(super) struct Postgres {
    keeper: Child,
    port: u16,
}

impl Postgres {
    /// Starts a server on a free port of 127.0.0.1. It trusts whoever connects and does not wait for disks.
    pub(super) fn start() -> anyhow::Result<Self> {
        let programs = postgres_programs().context("PostgreSQL's server programs are not installed")?;
        let port = free_port()?;
        let mut keeper = unprivileged_shell()?
            .args(["-c", SCRIPT, "postgres.sh"])
            .arg(&programs)
            .arg(port.to_string())
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            // Ctrl-C reaches the tests; the server is needed until they have ended.
            .process_group(0)
            .spawn()
            .context("failed to start PostgreSQL")?;
        let said = keeper.stdout.take().context("invariant: stdout is piped")?;
        let mut first_line = String::new();
        BufReader::new(said).read_line(&mut first_line).context("failed to hear from PostgreSQL")?;
        if first_line.trim() != READY {
            let status = keeper.wait()?;
            bail!("PostgreSQL of {} did not start ({status}); its messages are above", programs.display());
        }
        Ok(Self { keeper, port })
    }

    /// Of the superuser, with the database that every cluster has.
    pub(super) fn url(&self) -> String {
        format!("postgres://postgres@{}:{}/postgres", Ipv4Addr::LOCALHOST, self.port)
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        // Closing the pipe asks; the keeper ends when the server has ended.
        drop(self.keeper.stdin.take());
        if let Err(error) = self.keeper.wait() {
            eprintln!("PostgreSQL may still run: {error}");
        }
    }
}

/// A shell that is not root's: `PostgreSQL` refuses to run as root.
fn unprivileged_shell() -> anyhow::Result<Command> {
    if !is_root() {
        return Ok(Command::new("sh"));
    }
    let user = ["postgres", "nobody"].into_iter().find(|user| succeeds("id", &[user]));
    let user = user.context("PostgreSQL refuses to run as root, and there is no user postgres or nobody")?;
    let mut command = Command::new("runuser");
    command.args(["-u", user, "--", "sh"]);
    Ok(command)
}

fn free_port() -> anyhow::Result<u16> {
    let offset = u16::try_from(std::process::id() % u32::from(PORTS.end - PORTS.start))?;
    let candidates = (PORTS.start + offset..PORTS.end).chain(PORTS.start..PORTS.start + offset);
    let is_free = |port: &u16| TcpListener::bind((Ipv4Addr::LOCALHOST, *port)).is_ok();
    candidates.into_iter().find(is_free).context("no port of 127.0.0.1 is free")
}

#[cfg(test)]
mod tests {
    use std::net::TcpStream;

    use super::*;

    #[test]
    fn the_server_takes_connections_until_it_is_dropped() {
        let server = Postgres::start().expect("a server");
        let address = (Ipv4Addr::LOCALHOST, server.port);
        assert!(server.url().contains(&server.port.to_string()));
        assert!(TcpStream::connect(address).is_ok());
        drop(server);
        assert!(TcpStream::connect(address).is_err());
    }

    #[test]
    fn a_taken_port_is_not_free() {
        let port = free_port().expect("a free port");
        let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).expect("the port is free");
        assert_ne!(free_port().expect("another free port"), port);
        drop(taken);
    }
}
