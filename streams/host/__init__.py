"""What is asked of this machine: processes, ports, locks, CPU."""
