"""The pure core: specs, references, extraction and reasons. No I/O and no Pulumi; plain values in, plain values out."""
