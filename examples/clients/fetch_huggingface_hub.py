# Resumes a download with the function that huggingface_hub uses for files: python fetch_huggingface_hub.py URL FILE
import sys
from pathlib import Path

from huggingface_hub.file_download import http_get

url, path = sys.argv[1], Path(sys.argv[2])
partial = path.with_name(path.name + ".incomplete")
with partial.open("ab") as file:
    http_get(url, file, resume_size=file.tell())
partial.replace(path)
