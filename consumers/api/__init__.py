"""HTTP for programs that read: tables, their changes as they happen, series, issues, and health."""
