"""Other people's gyms behind adapters: their code runs in the sandbox, and what finds faults in ours finds them in
theirs (docs/audit.md)."""
