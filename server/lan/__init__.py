"""The classroom network: which addresses this computer has, and certificates that make its pages secure there."""
