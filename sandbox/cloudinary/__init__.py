"""A Cloudinary that the official library talks to: signed uploads, expiring downloads, delivery."""
