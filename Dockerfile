# The studio in a container, fit for a hosted Docker space (port 7860, user 1000); see docs/studio.md.
FROM python:3.12-slim

RUN useradd --create-home --uid 1000 user
WORKDIR /app
# Wheels without CUDA: a tenth of the size.
RUN pip install --no-cache-dir --index-url https://download.pytorch.org/whl/cpu torch torchvision
COPY --chown=user . .
RUN pip install --no-cache-dir -c constraints.txt setuptools \
    && pip install --no-cache-dir ".[studio,explain,av,heif,video,tags,text,demo]"
USER user
ENV HOME=/home/user OMP_WAIT_POLICY=PASSIVE
EXPOSE 7860
# The token comes from the secret VA_SPACE_STUDIO_TOKEN; without it one is made up, and stands in the log.
CMD ["va-space", "studio", "--host", "0.0.0.0", "--port", "7860", "--no-ratings"]
