//! Figures of one world beside those of the next.

use std::fmt;

/// A column for each world.
pub struct Table {
    worlds: Vec<usize>,
    rows: Vec<Row>,
}

struct Row {
    what: String,
    unit: &'static str,
    values: Vec<f64>,
}

impl Table {
    pub fn new(worlds: &[usize]) -> Self {
        Self { worlds: worlds.to_vec(), rows: Vec::new() }
    }

    /// The figure of the world that is measured now.
    pub fn put(&mut self, what: impl Into<String>, value: f64, unit: &'static str) {
        let what = what.into();
        // Whoever waits wants to see something.
        eprintln!("bench:   {what}: {value:.1} {unit}");
        match self.rows.iter_mut().find(|row| row.what == what) {
            Some(row) => row.values.push(value),
            None => self.rows.push(Row { what, unit, values: vec![value] }),
        }
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:<58}", "machines")?;
        for world in &self.worlds {
            write!(f, "{world:>14}")?;
        }
        writeln!(f, "{:>10}", "growth")?;
        for Row { what, unit, values } in &self.rows {
            write!(f, "{:<58}", format!("{what} ({unit})"))?;
            for value in values {
                let digits = if value.abs() < 10.0 { 3 } else { 1 };
                write!(f, "{value:>14.digits$}")?;
            }
            match values.as_slice() {
                [first, .., last] if *first > 0.0 => writeln!(f, "{:>10}", format!("×{:.1}", last / first))?,
                _ => writeln!(f)?,
            }
        }
        Ok(())
    }
}
