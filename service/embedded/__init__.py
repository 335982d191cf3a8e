"""The embedded deployment: every part of regtune as a process of one machine, on one data folder."""
