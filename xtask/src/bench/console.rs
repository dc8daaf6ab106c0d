//! A console in a process of its own, which ends with this value.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use anyhow::{Context, bail};

use super::worker::Binaries;

/// What `usher serve` says before the link that sets the console up.
const BEFORE_THE_LINK: &str = "set up the console at ";

/// A console that nobody has set up.
pub(super) struct Console {
    process: Child,
}

impl Console {
    /// Starts it on what is in a data directory; the link to set it up is written to `link`.
    pub(super) fn start(binaries: &Binaries, data_dir: &Path, link: &Path) -> anyhow::Result<Self> {
        let config = data_dir.join("usher.toml");
        std::fs::write(&config, "listen = \"127.0.0.1:0\"\n")
            .with_context(|| format!("failed to write {}", config.display()))?;
        let mut process = Command::new(&binaries.usher)
            .arg("serve")
            .arg("--config")
            .arg(&config)
            .arg("--data-dir")
            .arg(data_dir)
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .context("failed to start the console")?;
        let said = process.stderr.take().context("the console has no output")?;
        let console = Self { process };
        let mut lines = BufReader::new(said).lines();
        for said in &mut lines {
            let said = said.context("failed to read what the console says")?;
            if let Some((_, address)) = said.split_once(BEFORE_THE_LINK) {
                std::fs::write(link, address)
                    .with_context(|| format!("failed to write {}", link.display()))?;
                // What it says from here on is of no interest, but has to go somewhere.
                std::thread::spawn(move || lines.for_each(drop));
                return Ok(console);
            }
        }
        bail!("the console does not say how to set it up")
    }
}

impl Drop for Console {
    fn drop(&mut self) {
        // Its data is a copy that nobody looks at afterwards.
        self.process.kill().ok();
        self.process.wait().ok();
    }
}
