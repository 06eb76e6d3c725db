"""The Zero-Carbon Alliance Portal: suppliers report, coordinators review, anyone can check a certificate."""
