"""The classroom network: this computer's addresses, and certificates that make its pages secure there."""
